//! Scores documents of one's own as a job, stops it, and goes on where it stopped.
//!
//!     cargo run --release -p bellwether-examples --example own_documents

use std::env;
use std::error::Error;
use std::num::NonZeroU64;
use std::ops::ControlFlow;

use bellwether::{Classifier, Mode};
use bellwether_batch::Document;
use bellwether_batch::job::{Job, JobError};
use bellwether_examples::shipped_model;

/// As rows of a data base may come: always in the same order.
fn posts() -> impl Iterator<Item = Document> {
    (1..=1000).map(|number| Document::new(format!("post {number}"), format!("Bus number {number} was late again.")))
}

fn main() -> Result<(), Box<dyn Error>> {
    let classifier = Classifier::builder().mode(Mode::Gate).open(shipped_model())?;
    let scores = env::temp_dir().join(format!("bellwether-posts-{}", std::process::id()));
    let job = || -> Result<Job, JobError> {
        // The second name says which posts these are: a run with others is refused.
        let builder = Job::builder(&scores).documents("posts", "export of 1 May", posts());
        builder.part_records(NonZeroU64::new(100).unwrap_or(NonZeroU64::MIN)).build()
    };
    let stopped = job()?
        .run(&classifier, |progress| if progress.scored_now < 550 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) });
    match stopped {
        Err(error) if error.is_stopped() => println!("{error}"),
        other => return Err(format!("it should have stopped: {other:?}").into()),
    }
    let report = job()?.run(&classifier, |_| ControlFlow::Continue(()))?;
    println!(
        "{} documents in {}, {} of them scored by the second run",
        report.counts.summary.documents(),
        scores.display(),
        report.timing.documents_in_last_run
    );
    Ok(())
}
