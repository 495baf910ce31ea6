//! Everything that one run measured, as it stands in JSON and in the tables.

use std::collections::BTreeMap;

use bellwether::{Classifier, Mode};
use bellwether_batch::RecordErrorKind;
use bellwether_batch::evaluation::{Evaluation, Regression, SuiteReport};
use serde::Serialize;

use super::measured::Measured;

/// The object that `--json` writes.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    pub(super) model: Model<'a>,
    pub(super) data: Set,
    /// The documents of `--negatives`.
    pub(super) negatives: Option<Set>,
    pub(super) evaluation: &'a Evaluation,
    pub(super) suite: Option<&'a SuiteReport>,
    /// Null where there was nothing to compare with.
    pub(super) regressions: Option<&'a [Regression]>,
}

/// What was measured.
#[derive(Serialize)]
pub(super) struct Model<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) hash: &'a str,
    pub(super) mode: Mode,
    pub(super) runtime: String,
}

/// What became of a set of records.
#[derive(Serialize)]
pub(super) struct Set {
    /// Those that were measured.
    pub(super) documents: usize,
    /// Those left out because nobody is sure of them.
    pub(super) unsure: usize,
    pub(super) failed: BTreeMap<RecordErrorKind, usize>,
}

impl Set {
    fn new(measured: &Measured) -> Self {
        let mut failed = BTreeMap::new();
        for failure in measured.failures() {
            *failed.entry(failure.kind).or_default() += 1;
        }
        Self { documents: measured.observations().count(), unsure: measured.unsure(), failed }
    }
}

impl<'a> Record<'a> {
    pub(super) fn new(
        classifier: &'a Classifier,
        data: &Measured,
        negatives: Option<&Measured>,
        evaluation: &'a Evaluation,
        suite: Option<&'a SuiteReport>,
        regressions: Option<&'a [Regression]>,
    ) -> Self {
        let manifest = classifier.manifest();
        Self {
            model: Model {
                name: manifest.name(),
                version: manifest.version(),
                hash: classifier.model_hash(),
                mode: classifier.mode(),
                runtime: classifier.runtime_description(),
            },
            data: Set::new(data),
            negatives: negatives.map(Set::new),
            evaluation,
            suite,
            regressions,
        }
    }
}
