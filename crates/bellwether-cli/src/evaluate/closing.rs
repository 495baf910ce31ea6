//! What the person at the terminal is told on standard error.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use bellwether_batch::RecordError;
use bellwether_batch::evaluation::Regression;

use super::measured::{Measured, Scoring};

/// The most failed records that are told one by one.
const MAX_FAILURES_TOLD: usize = 20;

/// The run in a few lines.
pub(super) struct Closing {
    summary: String,
    failures: Vec<RecordError>,
}

impl Closing {
    pub(super) fn new(scoring: &Scoring<'_>, data: &Measured, negatives: Option<&Measured>) -> Self {
        let sets = [Some(data), negatives].into_iter().flatten();
        let failures: Vec<_> = sets.clone().flat_map(Measured::failures).cloned().collect();
        let (classifier, documents) = (scoring.classifier(), scoring.summary().documents());
        let rate = documents as f64 / scoring.elapsed().as_secs_f64().max(f64::EPSILON);
        let summary = format!(
            "documents {documents}, {rate:.1} a second on {} threads\nleft out  {} that nobody is sure of\nfailed    {}\nengine    {}\n",
            scoring.threads(),
            sets.map(Measured::unsure).sum::<usize>(),
            failures.len(),
            classifier.runtime_description(),
        );
        Self { summary, failures }
    }

    /// How many records failed.
    pub(super) fn failed(&self) -> usize {
        self.failures.len()
    }

    /// Says which records failed and why: no table has a line for them.
    pub(super) fn tell_failures(&self) {
        let mut text = String::new();
        for failure in self.failures.iter().take(MAX_FAILURES_TOLD) {
            let _ = writeln!(text, "bellwether: {} ({})", failure.message, failure.kind);
        }
        if let Some(more @ 1..) = self.failures.len().checked_sub(MAX_FAILURES_TOLD) {
            let _ = writeln!(text, "bellwether: {more} more records failed");
        }
        tell(&text);
    }

    pub(super) fn tell(&self) {
        tell(&self.summary);
    }
}

/// Says what passes less than it did, even to those who asked for quiet.
pub(super) fn tell_regressions(regressions: &[Regression]) {
    let mut text = String::new();
    for regression in regressions {
        let _ = writeln!(text, "bellwether: REGRESSION in {regression}");
    }
    tell(&text);
}

fn tell(text: &str) {
    // The measures are out or come still; a closed standard error takes nothing from them.
    let _ = io::stderr().write_all(text.as_bytes());
}
