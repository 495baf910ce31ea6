//! Counts over a run.

use std::collections::BTreeMap;

use bellwether::{Category, Stage};
use serde::{Deserialize, Serialize};

use crate::{Language, RecordErrorKind, ScoredDocument};

/// How many documents were scored, flagged and failed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    documents: u64,
    flagged: u64,
    read_by_encoder: u64,
    unsupported_language: u64,
    per_label: BTreeMap<Category, u64>,
    failed: BTreeMap<RecordErrorKind, u64>,
}

impl Summary {
    /// Counts one document.
    pub fn add(&mut self, scored: &ScoredDocument) {
        self.documents += 1;
        match scored.outcome() {
            Ok(classification) => {
                self.read_by_encoder += u64::from(classification.stage() == Stage::Encoder);
                let is_supported = scored.language().and_then(Language::is_supported);
                self.unsupported_language += u64::from(is_supported == Some(false));
                self.flagged += u64::from(!classification.labels().is_empty());
                for &label in classification.labels() {
                    *self.per_label.entry(label).or_default() += 1;
                }
            }
            Err(error) => *self.failed.entry(error.kind).or_default() += 1,
        }
    }

    /// Counts everything that another summary counted.
    pub fn merge(&mut self, other: &Self) {
        self.documents += other.documents;
        self.flagged += other.flagged;
        self.read_by_encoder += other.read_by_encoder;
        self.unsupported_language += other.unsupported_language;
        for (&label, count) in &other.per_label {
            *self.per_label.entry(label).or_default() += count;
        }
        for (&kind, count) in &other.failed {
            *self.failed.entry(kind).or_default() += count;
        }
    }

    /// Documents seen, failed ones too.
    #[must_use]
    pub const fn documents(&self) -> u64 {
        self.documents
    }

    /// Documents with at least one label.
    #[must_use]
    pub const fn flagged(&self) -> u64 {
        self.flagged
    }

    /// Documents of which the encoder read at least a part; the stages before it held the others for benign.
    #[must_use]
    pub const fn read_by_encoder(&self) -> u64 {
        self.read_by_encoder
    }

    /// Documents in a language that the model does not declare.
    #[must_use]
    pub const fn unsupported_language(&self) -> u64 {
        self.unsupported_language
    }

    /// Documents with this label.
    #[must_use]
    pub fn flagged_for(&self, category: Category) -> u64 {
        self.per_label.get(&category).copied().unwrap_or(0)
    }

    /// Documents that could not be scored.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Failures by kind.
    pub fn failures(&self) -> impl Iterator<Item = (RecordErrorKind, u64)> {
        self.failed.iter().map(|(&kind, &count)| (kind, count))
    }
}
