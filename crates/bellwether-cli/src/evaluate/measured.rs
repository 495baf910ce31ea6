//! Scoring labelled documents, and what is kept of them.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use bellwether::Classifier;
use bellwether_batch::evaluation::Observation;
use bellwether_batch::{Annotation, Language, OrderedPool, RecordError, ScoredDocument, Summary};

use super::LabelledRecord;
use crate::progress::Progress;

/// The documents of one set, scored, in the order they were read.
#[derive(Default)]
pub(super) struct Measured {
    /// `None` for a document that nobody is sure of, or that failed.
    outcomes: Vec<Option<Observation>>,
    unsure: usize,
    failures: Vec<RecordError>,
}

impl Measured {
    /// Every record at its place; `None` where there is nothing to measure.
    pub(super) fn outcomes(&self) -> &[Option<Observation>] {
        &self.outcomes
    }

    /// The documents that can be measured.
    pub(super) fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.outcomes.iter().flatten()
    }

    /// How many were left out because nobody is sure of them.
    pub(super) const fn unsure(&self) -> usize {
        self.unsure
    }

    /// Why records failed.
    pub(super) fn failures(&self) -> &[RecordError] {
        &self.failures
    }

    fn add(&mut self, scored: &ScoredDocument, annotation: Option<Annotation>) {
        let observation = match (scored.outcome(), annotation) {
            (Ok(classification), Some(annotation)) => Some(Observation::new(
                scored.language().and_then(Language::code).map(str::to_owned),
                annotation,
                *classification.scores(),
                *classification.context(),
            )),
            (Err(error), _) => {
                self.failures.push(error.clone());
                None
            }
            (Ok(_), None) => None,
        };
        self.outcomes.push(observation);
    }

    fn leave_out(&mut self) {
        self.unsure += 1;
        self.outcomes.push(None);
    }
}

/// Scores sets of documents one after the other, with one progress bar.
pub(super) struct Scoring<'a> {
    pool: &'a OrderedPool,
    classifier: &'a Classifier,
    progress: &'a Progress,
    summary: Summary,
    began: Instant,
}

impl<'a> Scoring<'a> {
    pub(super) fn new(pool: &'a OrderedPool, classifier: &'a Classifier, progress: &'a Progress) -> Self {
        Self { pool, classifier, progress, summary: Summary::default(), began: Instant::now() }
    }

    pub(super) fn score(&mut self, records: impl Iterator<Item = LabelledRecord> + Send) -> Measured {
        let mut measured = Measured::default();
        self.pool.map(
            records,
            |record| record.as_ref().map_or(0, |labelled| labelled.document.text.len()),
            |record| score(self.classifier, record),
            |scored| {
                match scored {
                    Some((scored, annotation)) => {
                        self.summary.add(&scored);
                        self.progress.update(&self.summary);
                        measured.add(&scored, annotation);
                    }
                    None => measured.leave_out(),
                }
                ControlFlow::<()>::Continue(())
            },
        );
        measured
    }

    pub(super) const fn classifier(&self) -> &Classifier {
        self.classifier
    }

    pub(super) const fn summary(&self) -> &Summary {
        &self.summary
    }

    pub(super) fn threads(&self) -> usize {
        self.pool.threads()
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

/// A record's scores beside its truth; `None` for a document that nobody is sure of, which is not scored.
fn score(classifier: &Classifier, record: LabelledRecord) -> Option<(ScoredDocument, Option<Annotation>)> {
    match record {
        Ok(labelled) if !labelled.annotation.sure => None,
        Ok(labelled) => Some((ScoredDocument::score(classifier, Ok(labelled.document)), Some(labelled.annotation))),
        Err(error) => Some((ScoredDocument::score(classifier, Err(error)), None)),
    }
}
