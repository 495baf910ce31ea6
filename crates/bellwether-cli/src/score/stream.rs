//! All inputs into one output: standard output, or a file.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

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
    let reader = super::reader(arguments);
    let documents = inputs.iter().map(|input| Ok(reader.open(input, progress.counter())?)).collect::<Result<Vec<_>, Fatal>>()?;
    let skipped: Vec<_> = documents.iter().map(Documents::skipped).collect();
    let pool = OrderedPool::new(arguments.classifier.threads)?;
    let classifier = arguments.classifier.open(arguments.profile.into(), pool.threads())?;
    let interactive = inputs.contains(&Input::Stdin);
    let mut output = Output::open(output, interactive)?;

    let began = Instant::now();
    let mut summary = Summary::default();
    let broken = pool.map(
        documents.into_iter().flat_map(Documents::into_records),
        Record::bytes,
        |record| ScoredDocument::score(&classifier, record.into_document()),
        |scored| {
            summary.add(&scored);
            progress.update(&summary);
            match output.write(&scored) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => ControlFlow::Break(error),
            }
        },
    );
    progress.finish();
    match broken.map_or_else(|| output.finish(), Err) {
        // The reader of the pipe has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Complete),
        Err(error) => return Err(Fatal::new(format!("cannot write the scores: {error}"))),
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
