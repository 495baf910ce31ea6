//! Thresholds that turn scores into labels.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::category::UnknownName;
use crate::{Category, Context, Probability, Scores};

/// A named choice between missing harm and flagging the harmless.
///
/// The thresholds behind each name are set on benign documents when the model is made and stand in its manifest. How far
/// a rate was measured, and on how many documents, is in the model's card: a rate cannot be shown on fewer than its inverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Half of the highest F1 on the model's development data, by scores calibrated over the texts that seem to advocate: the
    /// threshold that a calibrated score has there (Lipton, Elkan and Narayanaswamy 2014, *Optimal thresholding of classifiers to
    /// maximize F1 measure*).
    #[default]
    Balanced,
    /// At most one benign document in a thousand, per label, unless [`Balanced`](Self::Balanced) gives it to more.
    Review,
    /// At most one benign document in ten thousand, per label.
    Strict,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Balanced, Self::Review, Self::Strict];

    /// The name used in manifests and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Review => "review",
            Self::Strict => "strict",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Profile {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        UnknownName::look_up(name, &Self::ALL, Self::name)
    }
}

/// One threshold per category: a score that reaches it makes a label, if the author advocates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OperatingPoint {
    thresholds: Scores,
}

impl OperatingPoint {
    /// Thresholds in the order of [`Category::ALL`].
    #[must_use]
    pub const fn new(thresholds: [Probability; Category::COUNT]) -> Self {
        Self { thresholds: Scores::new(thresholds) }
    }

    /// The threshold of one category.
    #[must_use]
    pub const fn threshold(&self, category: Category) -> Probability {
        self.thresholds.get(category)
    }

    /// The categories whose score reaches its threshold.
    #[must_use]
    pub fn reached(&self, scores: &Scores) -> Vec<Category> {
        let reaches = |&category: &Category| scores.get(category) >= self.threshold(category);
        Category::ALL.into_iter().filter(reaches).collect()
    }

    /// The labels of a text with these scores whose most probable context is `context`: the categories whose score reaches its
    /// threshold, and none if that context [carries no labels](Context::carries_labels).
    ///
    /// ```
    /// use bellwether::{Category, Context, OperatingPoint, Probability, Scores};
    /// let point = OperatingPoint::new([Probability::ZERO; Category::COUNT]);
    /// let scores = Scores::new([Probability::ONE; Category::COUNT]);
    /// assert_eq!(point.labels(&scores, Context::Advocacy), Category::ALL);
    /// assert_eq!(point.labels(&scores, Context::Reporting), []);
    /// ```
    #[must_use]
    pub fn labels(&self, scores: &Scores, context: Context) -> Vec<Category> {
        if context.carries_labels() { self.reached(scores) } else { Vec::new() }
    }
}
