//! How many positives are found when only so many benign documents may be flagged.

use std::fmt;

use bellwether::Probability;
use serde::Serialize;

use super::{Judgement, Proportion};

/// A share of negatives that may be flagged, as one in a number: that many negatives are the fewest that can show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "f64")]
pub struct FalsePositiveRate {
    one_in: usize,
}

impl FalsePositiveRate {
    /// The rates that are reported: 1e-2, 1e-3, 1e-4 and 5e-5.
    pub const REPORTED: [Self; 4] =
        [Self { one_in: 100 }, Self { one_in: 1_000 }, Self { one_in: 10_000 }, Self { one_in: 20_000 }];

    /// How many negatives may be flagged of so many, rounded down.
    #[must_use]
    pub const fn allowed(self, negatives: usize) -> usize {
        negatives / self.one_in
    }

    /// The fewest negatives on which the rate can be measured: the inverse of the rate.
    #[must_use]
    pub const fn fewest_negatives(self) -> usize {
        self.one_in
    }
}

impl From<FalsePositiveRate> for f64 {
    fn from(rate: FalsePositiveRate) -> Self {
        1.0 / rate.one_in as Self
    }
}

impl fmt::Display for FalsePositiveRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:e}", f64::from(*self)))
    }
}

/// Recall at the lowest threshold that keeps to a false-positive rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecallAtRate {
    /// The rate.
    pub false_positive_rate: FalsePositiveRate,
    /// The documents without the label that the threshold was set on.
    pub negatives: usize,
    /// The documents with the label.
    pub positives: usize,
    /// What was measured; null in JSON where nothing could be.
    pub measure: Option<RecallMeasure>,
    /// Why nothing could be measured.
    pub not_measurable: Option<NotMeasurable>,
}

/// What a threshold finds, and what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RecallMeasure {
    /// The lowest score that reaches it; `None` if so many negatives have a score of 1 that no threshold keeps to the rate.
    pub threshold: Option<Probability>,
    /// Of the positives, those that reach it.
    pub recall: Proportion,
    /// Of the negatives, those that reach it; fewer than allowed where scores are tied.
    pub false_positives: Proportion,
}

/// Why a rate could not be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum NotMeasurable {
    /// A share of one in a number cannot be shown on fewer negatives than that.
    TooFewNegatives {
        /// How many there are.
        negatives: usize,
        /// How many it takes.
        fewest: usize,
    },
    /// Nothing can be found where there is nothing to find.
    NoPositives,
}

impl fmt::Display for NotMeasurable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewNegatives { negatives, fewest } => write!(f, "{negatives} negatives, it takes {fewest}"),
            Self::NoPositives => f.write_str("no positives"),
        }
    }
}

impl From<NotMeasurable> for String {
    fn from(reason: NotMeasurable) -> Self {
        reason.to_string()
    }
}

impl RecallAtRate {
    /// Sets the threshold on the negatives among `against`, and counts the positives of `judgements` that reach it. Both may
    /// be the same documents.
    #[must_use]
    pub fn measure(rate: FalsePositiveRate, judgements: &[Judgement], against: &[Judgement]) -> Self {
        let positives: Vec<_> =
            judgements.iter().filter(|judgement| judgement.positive).map(|judgement| judgement.score).collect();
        let mut negatives: Vec<_> =
            against.iter().filter(|judgement| !judgement.positive).map(|judgement| judgement.score).collect();
        let counts = (negatives.len(), positives.len());
        let outcome = match counts {
            (negatives, _) if negatives < rate.fewest_negatives() => {
                Err(NotMeasurable::TooFewNegatives { negatives, fewest: rate.fewest_negatives() })
            }
            (_, 0) => Err(NotMeasurable::NoPositives),
            _ => {
                // The highest negative that may not be flagged; a threshold lies just above its score.
                let (_, &mut highest_kept, _) =
                    negatives.select_nth_unstable_by(rate.allowed(counts.0), |a, b| b.get().total_cmp(&a.get()));
                Ok(RecallMeasure {
                    threshold: Probability::new(highest_kept.get().next_up()),
                    recall: Proportion::of(&positives, |&score| score > highest_kept),
                    false_positives: Proportion::of(&negatives, |&score| score > highest_kept),
                })
            }
        };
        let (negatives, positives) = counts;
        let (measure, not_measurable) = (outcome.as_ref().ok().copied(), outcome.err());
        Self { false_positive_rate: rate, negatives, positives, measure, not_measurable }
    }
}
