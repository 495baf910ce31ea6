//! `bellwether score`: documents in, their scores out.

use std::io::{self, IsTerminal, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use bellwether::{Category, Classifier};
use bellwether_batch::sink::{OutputFormat, RunMetadata, Sink};
use bellwether_batch::source::{Documents, Input, Reader, Record, Skipped};
use bellwether_batch::{Disclosure, OrderedPool, Redactor, ScoredDocument, Summary};

use crate::arguments::ScoreArguments;
use crate::exit::{Exit, Fatal};
use crate::output::Output;
use crate::progress::Progress;

pub(crate) fn run(arguments: &ScoreArguments) -> Result<Exit, Fatal> {
    // Everything that can be wrong from the start is found before the first document is scored.
    let format = OutputFormat::find(arguments.output_format, arguments.output.as_deref())?;
    let disclosure = disclosure(arguments)?;
    let progress = Progress::new(&arguments.inputs, arguments.quiet);
    let inputs = open(arguments, &progress)?;
    let skipped: Vec<_> = inputs.iter().map(Documents::skipped).collect();
    let pool = OrderedPool::new(arguments.classifier.threads)?;
    let classifier = arguments.classifier.open(arguments.profile.into(), pool.threads())?;
    // A person, or a pipe that waits for each line, gets it at once.
    let is_interactive = arguments.output.is_none() && (arguments.inputs.contains(&Input::Stdin) || io::stdout().is_terminal());
    let output = Output::open(arguments.output.as_deref())?;
    let metadata = RunMetadata::new(&classifier, &disclosure);
    let mut sink = Sink::new(format, &metadata, output).map_err(|error| cannot_write(&error))?;

    let began = Instant::now();
    let mut summary = Summary::default();
    let broken = pool.map(
        inputs.into_iter().flat_map(Documents::into_records),
        Record::bytes,
        |record| ScoredDocument::score_disclosing(&classifier, record.into_document(), &disclosure),
        |scored| {
            summary.add(&scored);
            progress.update(&summary);
            let written = sink.write(&scored);
            match if is_interactive { written.and_then(|()| sink.flush()) } else { written } {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(error),
            }
        },
    );
    progress.finish();
    match broken.map_or_else(|| sink.finish()?.publish(), Err) {
        // The reader of the pipe has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Complete),
        Err(error) => return Err(cannot_write(&error)),
        Ok(()) => {}
    }
    if !arguments.quiet {
        // The scores are out; a closed standard error takes nothing from them.
        let closing = closing(&summary, &skipped, &classifier, began.elapsed(), pool.threads());
        let _ = io::stderr().write_all(closing.as_bytes());
    }
    Ok(if summary.failed() == 0 { Exit::Complete } else { Exit::SomeFailed })
}

fn cannot_write(error: &io::Error) -> Fatal {
    Fatal::new(format!("cannot write the scores: {error}"))
}

/// What of the documents' own words is written.
fn disclosure(arguments: &ScoreArguments) -> Result<Disclosure, Fatal> {
    let mut disclosure = Disclosure::default();
    if arguments.with_text {
        disclosure = disclosure.with_text();
    }
    if let Some(key) = &arguments.redact {
        disclosure = disclosure.redacted(Redactor::from_file(key)?);
    }
    Ok(disclosure)
}

fn open(arguments: &ScoreArguments, progress: &Progress) -> Result<Vec<Documents>, Fatal> {
    let mut reader = Reader::default().text_field(&arguments.text_field).id_field(&arguments.id_field);
    if let Some(format) = arguments.format {
        reader = reader.format(format.into());
    }
    arguments.inputs.iter().map(|input| Ok(reader.open(input, progress.counter())?)).collect()
}

/// The run in a few lines, for the person at the terminal.
fn closing(summary: &Summary, skipped: &[Skipped], classifier: &Classifier, took: Duration, threads: usize) -> String {
    let per_label: Vec<_> = Category::ALL.map(|category| format!("{category} {}", summary.flagged_for(category))).into();
    let failures: Vec<_> = summary.failures().map(|(kind, count)| format!("{kind} {count}")).collect();
    let because = if failures.is_empty() { String::new() } else { format!(" ({})", failures.join(", ")) };
    let unsupported = match summary.unsupported_language() {
        0 => String::new(),
        count => format!("language  {count} in a language the model does not declare\n"),
    };
    let (records, files) = skipped.iter().fold((0, 0), |(r, f), skipped| (r + skipped.records(), f + skipped.files()));
    let skipped = match (records, files) {
        (0, 0) => String::new(),
        _ => format!("skipped   {records} records without a page, {files} files of no known format\n"),
    };
    format!(
        "documents {}, {:.1} a second on {threads} threads\nread      {} by the encoder (mode {})\n{}flagged   {} ({})\nfailed    {}{because}\n{skipped}engine    {}\nmodel     {} {} {}\n",
        summary.documents(),
        summary.documents() as f64 / took.as_secs_f64().max(f64::EPSILON),
        summary.read_by_encoder(),
        classifier.mode(),
        unsupported,
        summary.flagged(),
        per_label.join(", "),
        summary.failed(),
        classifier.runtime_description(),
        classifier.manifest().name(),
        classifier.manifest().version(),
        classifier.model_hash(),
    )
}
