//! All inputs into one output: standard output, or a file.

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use bellwether_batch::sink::{OutputFormat, RunMetadata, Sink};
use bellwether_batch::source::{Documents, Input, Record, Skipped};
use bellwether_batch::{OrderedPool, ScoredDocument, Summary};

use super::closing::Closing;
use crate::arguments::ScoreArguments;
use crate::exit::{Exit, Fatal};
use crate::output::Output;
use crate::progress::Progress;

pub(super) fn run(
    arguments: &ScoreArguments,
    inputs: &[Input],
    output: Option<&Path>,
    progress: &Progress,
) -> Result<Exit, Fatal> {
    // Everything that can be wrong from the start is found before the first document is scored.
    let format = OutputFormat::find(arguments.output_format, output)?;
    let disclosure = super::disclosure(arguments)?;
    let reader = super::reader(arguments);
    let documents = inputs.iter().map(|input| Ok(reader.open(input, progress.counter())?)).collect::<Result<Vec<_>, Fatal>>()?;
    let skipped: Vec<_> = documents.iter().map(Documents::skipped).collect();
    let pool = OrderedPool::new(arguments.classifier.threads)?;
    let classifier = arguments.classifier.open(arguments.profile.into(), pool.threads())?;
    // A person, or a pipe that waits for each line, gets it at once.
    let is_interactive = output.is_none() && (inputs.contains(&Input::Stdin) || io::stdout().is_terminal());
    let metadata = RunMetadata::new(&classifier, &disclosure);
    let mut sink = Sink::new(format, &metadata, Output::open(output)?).map_err(|error| cannot_write(&error))?;

    let began = Instant::now();
    let mut summary = Summary::default();
    let broken = pool.map(
        documents.into_iter().flat_map(Documents::into_records),
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
        let closing = Closing {
            summary: &summary,
            documents_per_second: summary.documents() as f64 / began.elapsed().as_secs_f64().max(f64::EPSILON),
            threads: pool.threads(),
            skipped_records: skipped.iter().map(Skipped::records).sum(),
            skipped_files: skipped.iter().map(Skipped::files).sum(),
        };
        closing.print(&classifier, "");
    }
    Ok(Exit::of(&summary))
}

fn cannot_write(error: &io::Error) -> Fatal {
    Fatal::new(format!("cannot write the scores: {error}"))
}
