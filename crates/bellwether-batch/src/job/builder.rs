//! What a job is to do.

use std::collections::HashSet;
use std::fmt;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use super::error::Kind;
use super::input::{JobInput, OwnDocuments};
use super::record_stream::PartLimits;
use super::{Duplicates, Job, JobError};
use crate::sink::OutputFormat;
use crate::source::{Input, Reader};
use crate::{Disclosure, Document, OrderedPool};

/// The most records of a part if nothing else is said: with the encoder a part takes some minutes.
pub const DEFAULT_PART_RECORDS: NonZeroU64 = NonZeroU64::new(10_000).expect("not zero");

/// The bytes of records that end a part if nothing else is said: 256 MiB.
pub const DEFAULT_PART_BYTES: NonZeroU64 = NonZeroU64::new(256 << 20).expect("not zero");

/// Choices for a [`Job`]; see [`Job::builder`].
pub struct JobBuilder {
    pub(super) output: PathBuf,
    pub(super) inputs: Vec<Input>,
    own: Vec<JobInput>,
    pub(super) reader: Reader,
    pub(super) output_format: OutputFormat,
    pub(super) disclosure: Disclosure,
    pub(super) part_records: NonZeroU64,
    pub(super) part_bytes: NonZeroU64,
    pub(super) threads: Option<NonZeroUsize>,
    pub(super) max_errors: Option<u64>,
    pub(super) duplicates: Duplicates,
    pub(super) fresh: bool,
}

impl fmt::Debug for JobBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobBuilder").field("output", &self.output).field("inputs", &self.inputs).finish_non_exhaustive()
    }
}

impl JobBuilder {
    pub(super) fn new(output: PathBuf) -> Self {
        Self {
            output,
            inputs: Vec::new(),
            own: Vec::new(),
            reader: Reader::default(),
            output_format: OutputFormat::JsonLines(None),
            disclosure: Disclosure::default(),
            part_records: DEFAULT_PART_RECORDS,
            part_bytes: DEFAULT_PART_BYTES,
            threads: None,
            max_errors: None,
            duplicates: Duplicates::default(),
            fresh: false,
        }
    }

    /// Adds a file, or the files of a folder. A job that was begun may be given more inputs later, but not fewer.
    ///
    /// Standard input can be scored, but not resumed: it cannot be read again.
    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.inputs.push(input);
        self
    }

    /// Adds documents of one's own, behind the files. `name` stands in the names of the outputs; `identity` names their
    /// content (a version, a query, a digest): a run that resumes the job must bring the same documents in the same order,
    /// and is refused if it brings another identity.
    #[must_use]
    pub fn documents(
        mut self,
        name: impl Into<String>,
        identity: impl Into<String>,
        documents: impl Iterator<Item = Document> + Send + 'static,
    ) -> Self {
        let own = OwnDocuments { identity: identity.into(), documents: Box::new(documents) };
        self.own.push(JobInput::own(name.into(), own));
        self
    }

    /// How files are read.
    #[must_use]
    pub fn reader(mut self, reader: Reader) -> Self {
        self.reader = reader;
        self
    }

    /// How scores are written; JSON lines if not set.
    #[must_use]
    pub const fn output_format(mut self, format: OutputFormat) -> Self {
        self.output_format = format;
        self
    }

    /// What of the documents' own words is written; not their texts if not set.
    #[must_use]
    pub fn disclosure(mut self, disclosure: Disclosure) -> Self {
        self.disclosure = disclosure;
        self
    }

    /// The most records of a part; [`DEFAULT_PART_RECORDS`] if not set. A run that is killed loses what it did of a part.
    #[must_use]
    pub const fn part_records(mut self, records: NonZeroU64) -> Self {
        self.part_records = records;
        self
    }

    /// The bytes of records that end a part, in memory and decompressed; [`DEFAULT_PART_BYTES`] if not set.
    #[must_use]
    pub const fn part_bytes(mut self, bytes: NonZeroU64) -> Self {
        self.part_bytes = bytes;
        self
    }

    /// How many documents are scored at once; one for each processor if not set. It changes nothing in the output.
    #[must_use]
    pub const fn threads(mut self, threads: Option<NonZeroUsize>) -> Self {
        self.threads = threads;
        self
    }

    /// Stops the job once more documents than this have failed in it, in earlier runs too; no limit if not set.
    #[must_use]
    pub const fn max_errors(mut self, errors: Option<u64>) -> Self {
        self.max_errors = errors;
        self
    }

    /// What is done with texts that come more than once in a part; they are scored if not set.
    #[must_use]
    pub const fn duplicates(mut self, duplicates: Duplicates) -> Self {
        self.duplicates = duplicates;
        self
    }

    /// Deletes what an earlier job left in the output folder, and starts anew.
    #[must_use]
    pub const fn fresh(mut self, fresh: bool) -> Self {
        self.fresh = fresh;
        self
    }

    /// Lists the folders and makes sure that every file that was named can be opened.
    ///
    /// # Errors
    /// If one cannot, its format is not known, it is given twice, a folder cannot be listed, there is nothing to do, or the system refuses
    /// the threads.
    pub fn build(mut self) -> Result<Job, JobError> {
        let (mut inputs, mut skipped_files) = (Vec::new(), 0);
        for input in &self.inputs {
            let (files, skipped) = input.files()?;
            skipped_files += skipped;
            match input {
                Input::Stdin => inputs.push(JobInput::stdin()),
                Input::File(path) => {
                    let listed = path.is_dir();
                    if !listed {
                        self.reader.open(input, |_| ())?;
                    }
                    inputs.extend(files.into_iter().map(|file| JobInput::file(file, listed)));
                }
            }
        }
        inputs.append(&mut self.own);
        if inputs.is_empty() {
            return Err(Kind::NoInput.into());
        }
        // Two that are called the same could not be told apart in the records.
        let mut seen = HashSet::new();
        if let Some(twice) = inputs.iter().find(|input| !seen.insert(&input.name)) {
            return Err(Kind::GivenTwice { name: twice.name.clone() }.into());
        }
        let pool = OrderedPool::new(self.threads)?;
        Ok(Job { choices: self, inputs, skipped_files, pool })
    }

    pub(super) const fn limits(&self) -> PartLimits {
        PartLimits { records: self.part_records.get(), bytes: self.part_bytes.get() }
    }
}
