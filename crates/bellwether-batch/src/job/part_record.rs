//! What is kept of a part that is complete.

use serde::{Deserialize, Serialize};

use super::Counts;

/// The format of the records that this version writes and reads.
pub(super) const RECORD_FORMAT: u32 = 1;

/// An input as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// The path as it was given, or the name of documents of one's own.
    pub name: String,
    /// The size of the file in bytes, compressed as it is.
    pub size: Option<u64>,
    /// The SHA-256 digest of the file, in hexadecimal.
    pub sha256: Option<String>,
    /// For documents of one's own: what their owner says that names their content.
    pub identity: Option<String>,
}

impl InputRecord {
    /// Whether it can be told if an input still is what it was: then a job can be resumed inside it.
    pub(super) const fn is_known(&self) -> bool {
        self.sha256.is_some() || self.identity.is_some()
    }
}

/// A finished output file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputRecord {
    /// Its name in the output folder.
    pub file: String,
    /// The number of its rows: one for each record of the part.
    pub rows: u64,
    /// Its size in bytes.
    pub size: u64,
    /// Its SHA-256 digest, in hexadecimal.
    pub sha256: String,
}

/// The completion record of a part: its output is whole and on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PartRecord {
    pub(super) format: u32,
    pub(super) model_hash: String,
    pub(super) configuration_hash: String,
    pub(super) input: InputRecord,
    /// The number of the part in its input, from 0.
    pub(super) part: u64,
    /// The number of its first record in the input, from 0.
    pub(super) first_record: u64,
    /// The number of its records.
    pub(super) records: u64,
    /// The bytes that the records held in memory.
    pub(super) record_bytes: u64,
    /// Records of a web archive in it, or before it, that were passed over.
    pub(super) skipped_records: u64,
    /// Whether the input ends here.
    pub(super) last: bool,
    pub(super) output: OutputRecord,
    pub(super) counts: Counts,
    /// How long the part took; no other field depends on when or how it was run.
    pub(super) seconds: f64,
}
