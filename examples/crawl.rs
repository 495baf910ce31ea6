//! Scores a folder of crawl files as a job: run it again after a crash, and it goes on where it stopped.
//!
//!     cargo run --release -p bellwether-examples --example crawl -- crawl/ scores/

use std::env;
use std::error::Error;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;

use bellwether::{Category, Classifier, Mode};
use bellwether_batch::job::{Duplicates, Job, Step};
use bellwether_batch::sink::OutputFormat;
use bellwether_batch::source::Input;
use bellwether_examples::{sample_documents, shipped_model};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let crawl = arguments.next().unwrap_or_else(sample_documents);
    let scores = arguments.next().unwrap_or_else(|| env::temp_dir().join(format!("bellwether-crawl-{}", std::process::id())));

    let job = Job::builder(&scores)
        .input(Input::File(crawl))
        .output_format(OutputFormat::Parquet)
        .duplicates(Duplicates::Copy)
        .max_errors(Some(10_000))
        .build()?;
    let threads = NonZeroUsize::new(job.threads()).unwrap_or(NonZeroUsize::MIN);
    let classifier = Classifier::builder().mode(Mode::Cascade).parallelism(threads).open(shipped_model())?;
    let report = job.run(&classifier, |progress| {
        if progress.step == Step::Scoring && progress.scored_now.is_multiple_of(1000) {
            eprintln!("{}: {} bytes read, {} flagged", progress.input, progress.bytes_read, progress.summary.flagged());
        }
        ControlFlow::Continue(())
    })?;

    let summary = &report.counts.summary;
    println!("{} documents, {} flagged, {} failed", summary.documents(), summary.flagged(), summary.failed());
    for category in Category::ALL {
        println!("{category:<15}{:>6} {:?}", summary.flagged_for(category), report.counts.histograms.of(category));
    }
    for output in report.inputs.iter().flat_map(|input| &input.outputs) {
        println!("{} rows in {}", output.rows, scores.join(&output.file).display());
    }
    Ok(())
}
