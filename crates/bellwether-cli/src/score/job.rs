//! A job: many inputs into a folder, to be resumed where it was interrupted.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

use bellwether_batch::job::{Job, JobBuilder, RunReport};
use bellwether_batch::sink::OutputFormat;
use bellwether_batch::source::Input;

use super::closing::Closing;
use crate::arguments::ScoreArguments;
use crate::exit::{Exit, Fatal};
use crate::progress::Progress;
use crate::stop::Stop;

pub(super) fn run(arguments: &ScoreArguments, inputs: Vec<Input>, folder: &Path, progress: &Progress) -> Result<Exit, Fatal> {
    let options = &arguments.job;
    let mut builder = Job::builder(folder)
        .reader(super::reader(arguments))
        .output_format(arguments.output_format.unwrap_or(OutputFormat::JsonLines(None)))
        .disclosure(super::disclosure(arguments)?)
        .threads(arguments.classifier.threads)
        .max_errors(options.max_errors)
        .duplicates(options.duplicates.unwrap_or_default().into())
        .fresh(options.fresh);
    if let Some(records) = options.part_records {
        builder = builder.part_records(records);
    }
    let job = inputs.into_iter().fold(builder, JobBuilder::input).build()?;
    let threads = job.threads();
    let classifier = arguments.classifier.open(arguments.profile.into(), threads)?;
    let stop = Stop::on_signals().map_err(|error| Fatal::new(format!("cannot catch Ctrl-C: {error}")))?;

    let result = job.run(&classifier, |state| {
        progress.show(state);
        if stop.is_asked_for() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    let report = match result {
        Ok(report) => report,
        Err(error) if error.is_stopped() => {
            // Nothing is left to do if even standard error is closed.
            let _ = writeln!(io::stderr(), "bellwether: {error}");
            return Ok(Exit::Stopped);
        }
        Err(error) => return Err(error.into()),
    };
    if !arguments.quiet {
        closing(&report, threads).print(&classifier, &outputs(&report, folder));
    }
    Ok(Exit::of(&report.counts.summary))
}

fn closing(report: &RunReport, threads: usize) -> Closing<'_> {
    Closing {
        summary: &report.counts.summary,
        documents_per_second: report.timing.documents_per_second,
        threads,
        skipped_records: report.skipped_records,
        skipped_files: report.skipped_files,
    }
}

/// What was written, and how much of it by this run.
fn outputs(report: &RunReport, folder: &Path) -> String {
    let files: usize = report.inputs.iter().map(|input| input.outputs.len()).sum();
    let duplicates = match report.counts.duplicates {
        0 => String::new(),
        count => format!("copied    {count} from an earlier document with the same text\n"),
    };
    format!(
        "{duplicates}output    {files} files and run.json in {}, {} documents of them scored by this run\n",
        folder.display(),
        report.timing.documents_in_last_run
    )
}
