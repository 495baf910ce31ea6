//! `run.json`: what a job did, to be audited years later.

use serde::Serialize;

use super::configuration::Configuration;
use super::part_record::{InputRecord, OutputRecord};
use super::{Counts, HISTOGRAM_BINS};

/// What a complete job did: it serializes to `run.json` in the output folder.
///
/// All of it but `timing` is the same however often the job was interrupted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunReport {
    /// The format of this report: 1.
    pub format: u32,
    /// Everything that the scores depend on, apart from the inputs.
    pub configuration: Configuration,
    /// The SHA-256 digest of the configuration.
    pub configuration_hash: String,
    /// The inputs, in their order, with the outputs made of them.
    pub inputs: Vec<InputReport>,
    /// Files of folders that were passed over, as no format of theirs is known.
    pub skipped_files: u64,
    /// Records of web archives that were passed over, as they are no pages.
    pub skipped_records: u64,
    /// Counts over all inputs.
    pub counts: Counts,
    /// The width of a bin of the histograms.
    pub histogram_bin_width: f64,
    /// How long it took, when, and on how many threads.
    pub timing: Timing,
}

/// What was made of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InputReport {
    /// The input as it was when it was read.
    #[serde(flatten)]
    pub input: InputRecord,
    /// The number of its records.
    pub records: u64,
    /// Records of a web archive that were passed over.
    pub skipped_records: u64,
    /// The output files, in order.
    pub outputs: Vec<OutputRecord>,
}

/// How long a job took. Nothing else in the report depends on when, where or how often it was run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Timing {
    /// When the job was complete: ISO 8601, in UTC.
    pub finished: String,
    /// The threads of the run that completed it.
    pub threads: usize,
    /// The seconds that its parts took, over all runs; what was lost with an interrupted part is not in it.
    pub seconds: f64,
    /// Documents a second over that time.
    pub documents_per_second: f64,
    /// Bytes of records, decompressed, a second over that time.
    pub bytes_per_second: f64,
    /// Documents that the run that completed it scored itself.
    pub documents_in_last_run: u64,
}

impl RunReport {
    pub(super) const FORMAT: u32 = 1;
    pub(super) const BIN_WIDTH: f64 = 1.0 / HISTOGRAM_BINS as f64;
}
