//! How far a run is.

use crate::Summary;

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reading an input, or outputs that are there already, for their digests.
    Verifying,
    /// Reading past records that are complete already.
    PassingOver,
    /// Scoring.
    Scoring,
}

/// How far a run is: told to whoever watches it behind each document, and now and then between them.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// What it is doing.
    pub step: Step,
    /// The input that is read, or the output that is verified.
    pub input: &'a str,
    /// Counts of all documents that are done, by this run or by earlier ones.
    pub summary: &'a Summary,
    /// The documents that this run has scored.
    pub scored_now: u64,
    /// The bytes of the inputs that are done or read, compressed as they are.
    pub bytes_read: u64,
    /// The bytes of all inputs; none if that cannot be known.
    pub bytes_total: Option<u64>,
}
