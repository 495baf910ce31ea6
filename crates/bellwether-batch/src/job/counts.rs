//! What is counted of a part, and of a whole job.

use serde::{Deserialize, Serialize};

use super::ScoreHistograms;
use crate::{ScoredDocument, Summary};

/// Counts of documents: how many were scored, flagged, failed, copied, and how their scores are spread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Documents, flags for each label and failures of each kind.
    pub summary: Summary,
    /// Documents that share the classification of an earlier one.
    pub duplicates: u64,
    /// The scores, for each label.
    pub histograms: ScoreHistograms,
}

impl Counts {
    pub(super) fn add(&mut self, scored: &ScoredDocument) {
        self.summary.add(scored);
        self.duplicates += u64::from(scored.duplicate_of().is_some());
        if let Ok(classification) = scored.outcome() {
            self.histograms.add(classification.scores());
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.summary.merge(&other.summary);
        self.duplicates += other.duplicates;
        self.histograms.merge(&other.histograms);
    }
}
