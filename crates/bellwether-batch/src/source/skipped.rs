//! What was passed over on purpose.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of what an input holds that is no document and no error either. They grow while the input is read.
#[derive(Debug, Clone, Default)]
pub struct Skipped(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    records: AtomicU64,
    files: AtomicU64,
}

impl Skipped {
    /// Records of a web archive without text of a page: requests, metadata, images and so on.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.0.records.load(Ordering::Relaxed)
    }

    /// Files of a folder whose names say no known format, symbolic links, and what is no regular file.
    #[must_use]
    pub fn files(&self) -> u64 {
        self.0.files.load(Ordering::Relaxed)
    }

    pub(super) fn add_record(&self) {
        self.0.records.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_files(&self, files: u64) {
        self.0.files.fetch_add(files, Ordering::Relaxed);
    }
}
