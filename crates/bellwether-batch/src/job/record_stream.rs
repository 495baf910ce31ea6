//! The records of an input, part by part.

use std::iter::Peekable;
use std::ops::ControlFlow;

use crate::source::{Documents, Record, Skipped};

/// Records that are passed over between two looks at whether to stop.
const RECORDS_BETWEEN_LOOKS: u64 = 1024;

/// Where an input is cut: a part ends with the record that reaches either limit, so cuts depend on the input alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PartLimits {
    pub(super) records: u64,
    pub(super) bytes: u64,
}

/// The records of an input that are not read yet.
pub(super) struct RecordStream {
    records: Peekable<Box<dyn Iterator<Item = Record> + Send>>,
    skipped: Skipped,
    /// The number of the next record.
    at: u64,
    /// What was passed over before the end of the last part.
    skipped_before: u64,
}

/// What a part turned out to be.
pub(super) struct PartEnd {
    pub(super) records: u64,
    pub(super) bytes: u64,
    pub(super) skipped_records: u64,
    pub(super) last: bool,
}

impl RecordStream {
    pub(super) fn new(documents: Documents) -> Self {
        let skipped = documents.skipped();
        Self::over(Box::new(documents.into_records()), skipped)
    }

    pub(super) fn over(records: Box<dyn Iterator<Item = Record> + Send>, skipped: Skipped) -> Self {
        Self { records: records.peekable(), skipped, at: 0, skipped_before: 0 }
    }

    /// Reads past the records before a number.
    pub(super) fn pass_to(&mut self, first: u64, mut go_on: impl FnMut() -> ControlFlow<()>) -> ControlFlow<()> {
        if self.at == first {
            return ControlFlow::Continue(());
        }
        while self.at < first && self.records.next().is_some() {
            self.at += 1;
            if self.at.is_multiple_of(RECORDS_BETWEEN_LOOKS) {
                go_on()?;
            }
        }
        self.at = first;
        self.at_end();
        ControlFlow::Continue(())
    }

    /// The records of the next part; [`PartRecords::end`] ends it.
    pub(super) fn part(&mut self, limits: PartLimits) -> PartRecords<'_> {
        PartRecords { stream: self, limits, records: 0, bytes: 0 }
    }

    /// Whether no record is left. What is passed over before the next record counts as seen behind this.
    fn at_end(&mut self) -> bool {
        let last = self.records.peek().is_none();
        self.skipped_before = self.skipped.records();
        last
    }
}

/// The records of one part.
pub(super) struct PartRecords<'a> {
    stream: &'a mut RecordStream,
    limits: PartLimits,
    records: u64,
    bytes: u64,
}

impl PartRecords<'_> {
    pub(super) fn end(self) -> PartEnd {
        let before = self.stream.skipped_before;
        let last = self.stream.at_end();
        let skipped_records = self.stream.skipped_before - before;
        PartEnd { records: self.records, bytes: self.bytes, skipped_records, last }
    }
}

impl Iterator for &mut PartRecords<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.records == self.limits.records || self.bytes >= self.limits.bytes {
            return None;
        }
        let record = self.stream.records.next()?;
        self.stream.at += 1;
        self.records += 1;
        self.bytes += record.bytes() as u64;
        Some(record)
    }
}
