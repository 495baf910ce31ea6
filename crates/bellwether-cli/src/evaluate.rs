//! `bellwether evaluate`: labelled documents in, measures out.

mod closing;
mod measured;
mod record;
mod suite_tables;
mod table;
mod tables;

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use bellwether::{Classifier, Profile};
use bellwether_batch::evaluation::{Baseline, BaselineModel, CasePair, Evaluation, OperatingPoints, SuiteReport, pair_cases};
use bellwether_batch::source::{AbsentLabels, Input, LabelledDocuments, Reader};
use bellwether_batch::{LabelledDocument, OrderedPool, RecordError};
use serde::Serialize;

use crate::arguments::EvaluateArguments;
use crate::exit::{Exit, Fatal};
use crate::output::Output;
use crate::progress::Progress;
use closing::Closing;
use measured::Scoring;
use record::Record;

/// The profile that decides whether a pair of a functional suite passes.
const SUITE_PROFILE: Profile = Profile::Balanced;

pub(crate) fn run(arguments: &EvaluateArguments) -> Result<Exit, Fatal> {
    // Everything that can be wrong from the start is found before the first document is scored.
    let all_inputs: Vec<Input> = arguments.data.iter().chain(&arguments.negatives).cloned().collect();
    let progress = Progress::new(all_inputs.iter().map(Input::size).sum(), arguments.quiet);
    let mut reader = Reader::default();
    if let Some(format) = arguments.format {
        reader = reader.format(format.into());
    }
    let open = |inputs: &[Input], absent_labels| -> Result<Vec<LabelledDocuments>, Fatal> {
        inputs.iter().map(|input| Ok(reader.open_labelled(input, absent_labels, progress.counter())?)).collect()
    };
    let data = open(&arguments.data, AbsentLabels::Refused)?;
    let negatives = open(&arguments.negatives, AbsentLabels::Benign)?;
    let baseline = arguments.baseline.as_deref().map(read_baseline).transpose()?;
    let (data, pairs) = if arguments.suite { read_suite(data)? } else { (streamed(data), None) };
    let pool = OrderedPool::new(arguments.classifier.threads)?;
    let classifier = arguments.classifier.open(SUITE_PROFILE, pool.threads())?;
    let outputs = Outputs::open(arguments)?;

    let mut scoring = Scoring::new(&pool, &classifier, &progress);
    let data = scoring.score(data);
    let negatives = (!arguments.negatives.is_empty()).then(|| scoring.score(streamed(negatives)));
    progress.finish();
    let closing = Closing::new(&scoring, &data, negatives.as_ref());
    closing.tell_failures();
    if data.observations().next().is_none() {
        return Err(Fatal::new("no document of DATA could be measured"));
    }

    let points = operating_points(&classifier);
    let data_observations: Vec<_> = data.observations().collect();
    let negative_observations: Option<Vec<_>> = negatives.as_ref().map(|negatives| negatives.observations().collect());
    let evaluation = Evaluation::new(&data_observations, negative_observations.as_deref(), &points);
    let suite = pairs.map(|pairs| SuiteReport::new(&pairs, data.outcomes(), &points[&SUITE_PROFILE]));
    let regressions = match (&baseline, &suite) {
        (Some(baseline), Some(suite)) => Some(baseline.regressions(suite)),
        _ => None,
    };
    let record = Record::new(&classifier, &data, negatives.as_ref(), &evaluation, suite.as_ref(), regressions.as_deref());
    outputs.write(&record, &classifier)?;
    if !arguments.quiet {
        closing.tell();
    }
    let regressions = regressions.unwrap_or_default();
    closing::tell_regressions(&regressions);
    Ok(if !regressions.is_empty() {
        Exit::Regressed
    } else if closing.failed() > 0 {
        Exit::SomeFailed
    } else {
        Exit::Complete
    })
}

type LabelledRecord = Result<LabelledDocument, RecordError>;
type LabelledRecords = Box<dyn Iterator<Item = LabelledRecord> + Send>;

fn streamed(inputs: Vec<LabelledDocuments>) -> LabelledRecords {
    Box::new(inputs.into_iter().flatten())
}

/// Reads a suite as a whole, so that a malformed one is known before anything is scored.
fn read_suite(inputs: Vec<LabelledDocuments>) -> Result<(LabelledRecords, Option<Vec<CasePair>>), Fatal> {
    let records: Vec<LabelledRecord> = inputs.into_iter().flatten().collect();
    let pairs = pair_cases(records.iter().map(|record| record.as_ref().ok())).map_err(|malformed| {
        // A record that could not be read is often what a pair lacks.
        let unread = records.iter().find_map(|record| record.as_ref().err());
        let because = unread.map_or_else(String::new, |error| format!(" ({error})"));
        Fatal::new(format!("{malformed}{because}"))
    })?;
    Ok((Box::new(records.into_iter()), Some(pairs)))
}

fn read_baseline(path: &Path) -> Result<Baseline, Fatal> {
    let text =
        fs::read_to_string(path).map_err(|error| Fatal::new(format!("cannot read the baseline {}: {error}", path.display())))?;
    Baseline::parse(&text).map_err(|error| Fatal::new(format!("{}: {error}", path.display())))
}

fn operating_points(classifier: &Classifier) -> OperatingPoints {
    Profile::ALL.into_iter().map(|profile| (profile, classifier.manifest().operating_point(profile))).collect()
}

/// Where the results go, opened before anything is scored.
struct Outputs {
    /// The tables; `None` where standard output holds JSON.
    tables: Option<Output>,
    json: Option<Output>,
    baseline: Option<Output>,
}

impl Outputs {
    fn open(arguments: &EvaluateArguments) -> Result<Self, Fatal> {
        let to_stdout = arguments.json.as_deref() == Some(Path::new("-"));
        let json_path = if to_stdout { None } else { arguments.json.as_deref() };
        let file = |path| Output::open(Some(path));
        Ok(Self {
            json: if to_stdout { Some(Output::open(None)?) } else { json_path.map(file).transpose()? },
            tables: if to_stdout { None } else { Some(Output::open(None)?) },
            baseline: arguments.write_baseline.as_deref().map(file).transpose()?,
        })
    }

    fn write(self, record: &Record<'_>, classifier: &Classifier) -> Result<(), Fatal> {
        if let (Some(output), Some(suite)) = (self.baseline, record.suite) {
            let model = BaselineModel {
                name: classifier.manifest().name().to_owned(),
                version: classifier.manifest().version().to_owned(),
                hash: classifier.model_hash().to_owned(),
            };
            finish(output, &json(&Baseline::new(model, suite))?)?;
        }
        if let Some(output) = self.json {
            finish(output, &json(record)?)?;
        }
        match self.tables {
            Some(output) => finish(output, &tables::render(record)),
            None => Ok(()),
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, Fatal> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Fatal::new(format!("cannot write JSON: {error}")))?;
    Ok(text + "\n")
}

fn finish(mut output: Output, text: &str) -> Result<(), Fatal> {
    match output.write_all(text.as_bytes()).and_then(|()| output.publish()) {
        // The reader of the pipe has seen enough; the exit status still says what was found.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Fatal::new(format!("cannot write the results: {error}"))),
        _ => Ok(()),
    }
}
