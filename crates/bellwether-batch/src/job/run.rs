//! The run of a job, from its first input to its report.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bellwether::Classifier;
use tracing::{debug, info, info_span, warn};

use super::configuration::Configuration;
use super::digest::{self, Hashed};
use super::duplicates::{Digested, FirstWithText, KnownTexts};
use super::error::Kind;
use super::folder::JobFolder;
use super::input::{Content, JobInput, Unchanged};
use super::part_record::{InputRecord, OutputRecord, PartRecord, RECORD_FORMAT};
use super::record_stream::{PartEnd, RecordStream};
use super::{Counts, Duplicates, InputReport, Job, JobBuilder, JobError, Progress, RunReport, Step, Timing};
use crate::sink::{PendingFile, Sink};
use crate::source::{Input, Record, Skipped};
use crate::{OrderedPool, ScoredDocument};

pub(super) fn run(
    job: Job,
    classifier: &Classifier,
    observe: impl FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> Result<RunReport, JobError> {
    let Job { choices, inputs, skipped_files, pool } = job;
    let folder = JobFolder::open(&choices.output)?;
    outside_inputs(&folder, &choices)?;
    if choices.fresh {
        folder.clear()?;
    }
    let configuration = Configuration::new(&choices, classifier);
    folder.claim(&configuration)?;
    let earlier = folder.records()?;
    let earlier_inputs = earlier_inputs(&folder, &inputs, &earlier)?;
    folder.withdraw_report()?;

    let bytes_total = inputs.iter().map(JobInput::size).sum();
    let mut run = Run {
        pool,
        configuration_hash: configuration.hash(),
        configuration,
        watch: Watch { observe, counts: Counts::default(), scored_now: 0, bytes_read: Arc::default(), bytes_total },
        totals: Totals::default(),
        choices,
        folder,
        classifier,
        earlier,
        earlier_inputs,
    };
    info!(inputs = inputs.len(), complete_parts = run.earlier.len(), threads = run.pool.threads(), "job begins");
    let inputs = inputs.into_iter().map(|input| run.input(input)).collect::<Result<_, _>>()?;
    let report = run.report(inputs, skipped_files);
    run.folder.write_report(&report)?;
    info!(documents = report.counts.summary.documents(), failed = report.counts.summary.failed(), "job is complete");
    Ok(report)
}

/// Scores among the inputs would be read as inputs by the next run, and inputs among the scores could be deleted with them.
fn outside_inputs(folder: &JobFolder, choices: &JobBuilder) -> Result<(), JobError> {
    let output = fs::canonicalize(folder.path()).map_err(|error| JobError::output(folder.path(), error))?;
    for input in &choices.inputs {
        if let Input::File(path) = input
            && fs::canonicalize(path).is_ok_and(|path| output.starts_with(&path) || path.starts_with(&output))
        {
            return Err(Kind::NotApart { folder: folder.path().to_owned(), input: path.clone() }.into());
        }
    }
    Ok(())
}

/// The inputs as earlier runs saw them, by name. What differs and can be told without reading them is refused here, before
/// anything is scored.
fn earlier_inputs(
    folder: &JobFolder,
    inputs: &[JobInput],
    earlier: &BTreeMap<String, PartRecord>,
) -> Result<BTreeMap<String, InputRecord>, JobError> {
    let earlier: BTreeMap<_, _> = earlier.values().map(|record| (record.input.name.clone(), record.input.clone())).collect();
    let by_name: BTreeMap<&str, &JobInput> = inputs.iter().map(|input| (&*input.name, input)).collect();
    let mut differences = Vec::new();
    for (name, was) in &earlier {
        match by_name.get(&**name) {
            None => differences.push(format!("{name} was an input, now it is none, or it is gone")),
            Some(JobInput { content: Content::Stdin, .. }) => {
                return Err(Kind::NotRepeatable { folder: folder.path().to_owned(), name: "standard input".into() }.into());
            }
            Some(input) => {
                if let Some((was, is)) = was.size.zip(input.size())
                    && was != is
                {
                    differences.push(format!("{name} had {was} bytes, now it has {is}"));
                }
            }
        }
    }
    folder.refuse(differences)?;
    Ok(earlier)
}

/// Why a part was given up.
enum Halt {
    Stopped,
    TooManyErrors(u64),
    Output(std::io::Error),
}

/// Where the rows of a part go.
type PartSink = Sink<Hashed<PendingFile>>;

struct Run<'a, P> {
    choices: JobBuilder,
    classifier: &'a Classifier,
    folder: JobFolder,
    pool: OrderedPool,
    configuration: Configuration,
    configuration_hash: String,
    /// The completion records of earlier runs, by the names of their outputs.
    earlier: BTreeMap<String, PartRecord>,
    earlier_inputs: BTreeMap<String, InputRecord>,
    watch: Watch<P>,
    totals: Totals,
}

/// What parts add up to, apart from counts.
#[derive(Default)]
struct Totals {
    seconds: f64,
    record_bytes: u64,
    skipped_records: u64,
}

/// Whoever watches, and what is told.
struct Watch<P> {
    observe: P,
    counts: Counts,
    scored_now: u64,
    bytes_read: Arc<AtomicU64>,
    bytes_total: Option<u64>,
}

impl<P: FnMut(&Progress<'_>) -> ControlFlow<()>> Watch<P> {
    fn tell(&mut self, step: Step, input: &str) -> ControlFlow<()> {
        (self.observe)(&Progress {
            step,
            input,
            summary: &self.counts.summary,
            scored_now: self.scored_now,
            bytes_read: self.bytes_read.load(Ordering::Relaxed),
            bytes_total: self.bytes_total,
        })
    }
}

impl<P: FnMut(&Progress<'_>) -> ControlFlow<()>> Run<'_, P> {
    /// Brings every part of an input to completion.
    fn input(&mut self, mut input: JobInput) -> Result<InputReport, JobError> {
        let span = info_span!("input", name = %input.name);
        let _entered = span.enter();
        let (state, unchanged) = input.look(|| self.watch.tell(Step::Verifying, &input.name))?;
        self.same_content(&state)?;
        // A file that may not be read now may be readable next time.
        let keeps_records = state.is_known() || matches!(input.content, Content::Stdin);
        let mut report = InputReport { input: state, records: 0, skipped_records: 0, outputs: Vec::new() };
        let mut stream = None;
        for part in 0.. {
            let file = input.part_name(part, self.choices.output_format.extension());
            let record = if let Some(record) = self.complete(&file, &report)? {
                self.watch.counts.merge(&record.counts);
                if let Some(limit) = self.choices.max_errors.filter(|&limit| self.watch.counts.summary.failed() > limit) {
                    return Err(Kind::TooManyErrors { limit }.into());
                }
                record
            } else {
                let stream = match &mut stream {
                    Some(stream) => stream,
                    None => stream.insert(self.open(&mut input)?),
                };
                let passed = stream.pass_to(report.records, || self.watch.tell(Step::PassingOver, &input.name));
                if passed.is_break() {
                    return Err(Kind::Stopped.into());
                }
                let record = self.part(file, part, stream, &report, &unchanged)?;
                if keeps_records {
                    self.folder.keep(&record)?;
                }
                record
            };
            self.totals.seconds += record.seconds;
            self.totals.record_bytes += record.record_bytes;
            self.totals.skipped_records += record.skipped_records;
            report.records += record.records;
            report.skipped_records += record.skipped_records;
            report.outputs.push(record.output);
            if record.last {
                break;
            }
        }
        if stream.is_none() {
            self.watch.bytes_read.fetch_add(report.input.size.unwrap_or(0), Ordering::Relaxed);
        }
        info!(records = report.records, parts = report.outputs.len(), "input is complete");
        Ok(report)
    }

    /// Refuses an input that is not what the records of its parts say.
    fn same_content(&self, now: &InputRecord) -> Result<(), JobError> {
        let Some(was) = self.earlier_inputs.get(&now.name).filter(|was| *was != now) else { return Ok(()) };
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not known".into());
        let name = &now.name;
        let mut differences = Vec::new();
        if was.size != now.size {
            let said = |size: Option<u64>| size.map_or_else(|| "an unknown number of".into(), |size| size.to_string());
            differences.push(format!("{name} had {} bytes, now it has {}", said(was.size), said(now.size)));
        }
        if was.sha256 != now.sha256 {
            differences.push(format!("the SHA-256 digest of {name} was {}, now it is {}", said(&was.sha256), said(&now.sha256)));
        }
        if was.identity != now.identity {
            differences.push(format!("the identity of {name} was {}, now it is {}", said(&was.identity), said(&now.identity)));
        }
        self.folder.refuse(differences)
    }

    /// The completion record of a part, if the part is complete: the record is of this input and begins where the part before
    /// ended, and the output is as it says.
    fn complete(&mut self, file: &str, input: &InputReport) -> Result<Option<PartRecord>, JobError> {
        let Some(record) = self.earlier.remove(file) else { return Ok(None) };
        let is_ours = record.configuration_hash == self.configuration_hash
            && record.input == input.input
            && record.first_record == input.records;
        if !is_ours {
            warn!(output = file, "its completion record does not belong to this job; the part is done again");
            return Ok(None);
        }
        let found = digest::of_file(&self.folder.output(file), || self.watch.tell(Step::Verifying, file));
        match found {
            Ok(Some(found)) if (found.size, &found.sha256) == (record.output.size, &record.output.sha256) => Ok(Some(record)),
            Ok(None) => Err(Kind::Stopped.into()),
            _ => {
                warn!(output = file, "it is not what its completion record says; the part is done again");
                Ok(None)
            }
        }
    }

    fn open(&self, input: &mut JobInput) -> Result<RecordStream, JobError> {
        let bytes_read = Arc::clone(&self.watch.bytes_read);
        let count = move |bytes| {
            bytes_read.fetch_add(bytes, Ordering::Relaxed);
        };
        let reader = &self.choices.reader;
        Ok(match &mut input.content {
            Content::File { path, listed: true } => RecordStream::new(reader.open_listed(path, count)),
            Content::File { path, listed: false } => RecordStream::new(reader.open(&Input::File(path.clone()), count)?),
            Content::Stdin => RecordStream::new(reader.open(&Input::Stdin, count)?),
            Content::Own(own) => {
                let documents = std::mem::replace(&mut own.documents, Box::new(std::iter::empty()));
                RecordStream::over(Box::new(documents.map(|document| Record::from(Ok(document)))), Skipped::default())
            }
        })
    }

    /// Scores a part.
    fn part(
        &mut self,
        file: String,
        part: u64,
        stream: &mut RecordStream,
        input: &InputReport,
        unchanged: &Unchanged,
    ) -> Result<PartRecord, JobError> {
        let began = Instant::now();
        let path = self.folder.output(&file);
        let failed = |error| JobError::output(&path, error);
        let pending = PendingFile::create(&path).map_err(failed)?;
        let metadata = &self.configuration.metadata;
        let mut output = Sink::new(self.choices.output_format, metadata, Hashed::new(pending)).map_err(failed)?;
        let (end, counts) = self.score(stream, &input.input.name, &mut output).map_err(|halt| match halt {
            Halt::Stopped => Kind::Stopped.into(),
            Halt::TooManyErrors(limit) => Kind::TooManyErrors { limit }.into(),
            Halt::Output(error) => failed(error),
        })?;
        unchanged.check()?;
        let (pending, written) = output.finish().map_err(failed)?.finish();
        pending.publish().map_err(failed)?;
        let record = PartRecord {
            format: RECORD_FORMAT,
            model_hash: self.classifier.model_hash().to_owned(),
            configuration_hash: self.configuration_hash.clone(),
            input: input.input.clone(),
            part,
            first_record: input.records,
            records: end.records,
            record_bytes: end.bytes,
            skipped_records: end.skipped_records,
            last: end.last,
            output: OutputRecord { file, rows: end.records, size: written.size, sha256: written.sha256 },
            counts,
            seconds: began.elapsed().as_secs_f64(),
        };
        debug!(output = record.output.file, records = record.records, seconds = record.seconds, "part is complete");
        Ok(record)
    }

    fn score(&mut self, stream: &mut RecordStream, name: &str, output: &mut PartSink) -> Result<(PartEnd, Counts), Halt> {
        let Self { choices, classifier, pool, watch, .. } = self;
        let mut records = stream.part(choices.limits());
        let (known, mut first) = (KnownTexts::default(), FirstWithText::default());
        let mut counts = Counts::default();
        let halt = pool.map(
            &mut records,
            Record::bytes,
            |record| -> Digested {
                match choices.duplicates {
                    Duplicates::Score => {
                        (ScoredDocument::score_disclosing(classifier, record.into_document(), &choices.disclosure), None)
                    }
                    Duplicates::Copy => known.score(classifier, record, &choices.disclosure),
                }
            },
            |scored| {
                let scored = first.mark(scored);
                counts.add(&scored);
                watch.counts.add(&scored);
                watch.scored_now += 1;
                let failed = watch.counts.summary.failed();
                match (choices.max_errors, output.write(&scored)) {
                    (_, Err(error)) => ControlFlow::Break(Halt::Output(error)),
                    (Some(limit), Ok(())) if failed > limit => ControlFlow::Break(Halt::TooManyErrors(limit)),
                    (_, Ok(())) => watch.tell(Step::Scoring, name).map_break(|()| Halt::Stopped),
                }
            },
        );
        match halt {
            Some(halt) => Err(halt),
            None => Ok((records.end(), counts)),
        }
    }

    fn report(&mut self, inputs: Vec<InputReport>, skipped_files: u64) -> RunReport {
        let counts = std::mem::take(&mut self.watch.counts);
        let seconds = self.totals.seconds;
        let per_second = |amount: u64| if seconds > 0.0 { amount as f64 / seconds } else { 0.0 };
        let timing = Timing {
            finished: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            threads: self.pool.threads(),
            seconds,
            documents_per_second: per_second(counts.summary.documents()),
            bytes_per_second: per_second(self.totals.record_bytes),
            documents_in_last_run: self.watch.scored_now,
        };
        RunReport {
            format: RunReport::FORMAT,
            configuration: self.configuration.clone(),
            configuration_hash: self.configuration_hash.clone(),
            inputs,
            skipped_files,
            skipped_records: self.totals.skipped_records,
            counts,
            histogram_bin_width: RunReport::BIN_WIDTH,
            timing,
        }
    }
}
