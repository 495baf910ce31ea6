//! What a threshold makes of the positives and of the negatives.

use bellwether::Probability;
use serde::Serialize;

use super::{Judgement, Proportion};

/// Documents counted by whether they truly have a label, and whether they are given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ConfusionMatrix {
    /// Positives that are given it.
    pub true_positives: usize,
    /// Negatives that are given it.
    pub false_positives: usize,
    /// Positives that are not.
    pub false_negatives: usize,
    /// Negatives that are not.
    pub true_negatives: usize,
}

impl ConfusionMatrix {
    /// Counts where a score alone gives the label: one that reaches a threshold, or equals it.
    #[must_use]
    pub fn at(threshold: Probability, judgements: &[Judgement]) -> Self {
        judgements.iter().map(|judgement| (judgement.positive, judgement.score >= threshold)).collect()
    }

    /// Of the documents that are given it, those that are positive.
    #[must_use]
    pub fn precision(&self) -> Proportion {
        Proportion::new(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Of the positives, those that are given it.
    #[must_use]
    pub fn recall(&self) -> Proportion {
        Proportion::new(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// The harmonic mean of precision and recall, in `0.0..=1.0`; `None` where nothing is positive and nothing is given
    /// the label.
    #[must_use]
    pub fn f1(&self) -> Option<f64> {
        let either = 2 * self.true_positives + self.false_positives + self.false_negatives;
        (either > 0).then(|| 2.0 * self.true_positives as f64 / either as f64)
    }
}

impl FromIterator<(bool, bool)> for ConfusionMatrix {
    /// Counts documents by whether they are positive, and whether they are given the label.
    fn from_iter<I: IntoIterator<Item = (bool, bool)>>(documents: I) -> Self {
        let mut matrix = Self::default();
        for document in documents {
            let cell = match document {
                (true, true) => &mut matrix.true_positives,
                (false, true) => &mut matrix.false_positives,
                (true, false) => &mut matrix.false_negatives,
                (false, false) => &mut matrix.true_negatives,
            };
            *cell += 1;
        }
        matrix
    }
}
