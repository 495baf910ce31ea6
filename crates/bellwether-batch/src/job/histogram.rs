//! How the scores of a run are spread.

use std::collections::BTreeMap;

use bellwether::{Category, Scores};
use serde::{Deserialize, Serialize};

/// The number of bins of a histogram, all equally wide: 0.05.
pub const HISTOGRAM_BINS: usize = 20;

const UPPER_EDGES: [f32; HISTOGRAM_BINS] = {
    let mut edges = [0.0; HISTOGRAM_BINS];
    let mut bin = 0;
    while bin < HISTOGRAM_BINS {
        edges[bin] = (bin + 1) as f32 / HISTOGRAM_BINS as f32;
        bin += 1;
    }
    edges
};

/// For each category, how many documents have a score in each twentieth of `0.0..=1.0`; a score on a border counts in the
/// upper bin, and 1.0 in the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScoreHistograms(BTreeMap<Category, [u64; HISTOGRAM_BINS]>);

impl Default for ScoreHistograms {
    fn default() -> Self {
        Self(Category::ALL.map(|category| (category, [0; HISTOGRAM_BINS])).into())
    }
}

impl ScoreHistograms {
    pub(super) fn add(&mut self, scores: &Scores) {
        for (category, score) in scores.iter() {
            let bin = UPPER_EDGES.partition_point(|&edge| edge <= score.get());
            self.0.entry(category).or_default()[bin.min(HISTOGRAM_BINS - 1)] += 1;
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (&category, counts) in &other.0 {
            let own = self.0.entry(category).or_default();
            own.iter_mut().zip(counts).for_each(|(own, count)| *own += count);
        }
    }

    /// The counts of a category, from the lowest scores to the highest.
    #[must_use]
    pub fn of(&self, category: Category) -> [u64; HISTOGRAM_BINS] {
        self.0.get(&category).copied().unwrap_or_default()
    }
}
