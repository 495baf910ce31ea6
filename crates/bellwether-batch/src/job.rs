//! Jobs: many inputs, scored part by part into a folder, so that what was done outlasts a crash.
//!
//! 1. Each input file is cut into *parts* of a limited number of records; cuts depend on the file alone.
//! 2. A part is scored into a file of its own, under a temporary name that becomes its right one once it is whole and on disk.
//! 3. Then a completion record is written in the same way, with the digests of the input and of the output, the hash of the
//!    configuration and the counts.
//! 4. A run of the same job reads past parts whose record and output are as they should be and does the others; it refuses
//!    if the model, the configuration or an input is not what the records say.
//! 5. When every part is complete, the records are summed up in `run.json`.
//!
//! So a job that was killed at any moment and run again ends with the same files, byte for byte, as one that was not.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small");
//! # let crawl = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/documents.jsonl");
//! # let folder = tempfile::tempdir()?;
//! # let scores = folder.path().join("scores");
//! use std::ops::ControlFlow;
//! use bellwether::{Classifier, Mode};
//! use bellwether_batch::job::Job;
//!
//! let classifier = Classifier::builder().mode(Mode::Gate).open(model)?;
//! let job = Job::builder(scores).input(crawl.parse()?).build()?;
//! let report = job.run(&classifier, |_| ControlFlow::Continue(()))?;
//! assert_eq!(report.counts.summary.documents(), 60);
//! # Ok(())
//! # }
//! ```

mod builder;
mod configuration;
mod counts;
mod digest;
mod duplicates;
mod error;
mod folder;
mod histogram;
mod input;
mod part_record;
mod progress;
mod record_stream;
mod report;
mod run;

pub use builder::{DEFAULT_PART_BYTES, DEFAULT_PART_RECORDS, JobBuilder};
pub use configuration::Configuration;
pub use counts::Counts;
pub use duplicates::{Duplicates, MAX_REMEMBERED_TEXTS};
pub use error::JobError;
pub use histogram::{HISTOGRAM_BINS, ScoreHistograms};
pub use part_record::{InputRecord, OutputRecord};
pub use progress::{Progress, Step};
pub use report::{InputReport, RunReport, Timing};

use std::ops::ControlFlow;
use std::path::PathBuf;

use bellwether::Classifier;

use crate::OrderedPool;
use input::JobInput;

/// A job that is ready to run; see [the module](self).
#[derive(Debug)]
pub struct Job {
    choices: JobBuilder,
    inputs: Vec<JobInput>,
    skipped_files: u64,
    pool: OrderedPool,
}

impl Job {
    /// Choices for a job that writes to a folder.
    #[must_use]
    pub fn builder(output: impl Into<PathBuf>) -> JobBuilder {
        JobBuilder::new(output.into())
    }

    /// How many documents are scored at once: the parallelism that a classifier for it needs.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// Runs the job, or what is left of it. `observe` is told how far it is and stops it by breaking; documents that are
    /// being scored at that moment are finished, the part they belong to is not.
    ///
    /// # Errors
    /// If the folder is another job's or held by another run, an input is lost or changes, the output cannot be written,
    /// too many documents fail, or `observe` breaks. In all these cases what is complete is kept, and
    /// [`JobError::is_resumable`] tells whether running the same job again goes on there.
    pub fn run(
        self,
        classifier: &Classifier,
        observe: impl FnMut(&Progress<'_>) -> ControlFlow<()>,
    ) -> Result<RunReport, JobError> {
        run::run(self, classifier, observe)
    }
}
