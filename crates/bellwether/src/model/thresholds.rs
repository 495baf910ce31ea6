//! Scores from which on something is done.

use serde::{Deserialize, Serialize};

use crate::{Category, Probability, Scores};

/// One threshold per category.
///
/// In JSON and TOML an object with the five names as keys.
///
/// ```
/// use bellwether::{Category, Probability, Scores, Thresholds};
/// let mut at = [Probability::ONE; Category::COUNT];
/// at[Category::Training as usize] = Probability::ZERO;
/// let scores = Scores::new([Probability::ZERO; Category::COUNT]);
/// assert_eq!(Thresholds::new(at).reached(&scores), [Category::Training]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Thresholds(Scores);

impl Thresholds {
    /// Thresholds in the order of [`Category::ALL`].
    #[must_use]
    pub const fn new(thresholds: [Probability; Category::COUNT]) -> Self {
        Self(Scores::new(thresholds))
    }

    /// The threshold of one category.
    #[must_use]
    pub const fn get(&self, category: Category) -> Probability {
        self.0.get(category)
    }

    /// The categories whose score is at its threshold or above it, in the order of [`Category::ALL`].
    #[must_use]
    pub fn reached(&self, scores: &Scores) -> Vec<Category> {
        Category::ALL.into_iter().filter(|&category| scores.get(category) >= self.get(category)).collect()
    }
}
