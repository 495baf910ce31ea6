//! Thresholds that turn scores into labels.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::thresholds::Thresholds;
use crate::category::UnknownName;
use crate::{Category, Context, ContextScores, Probability, Scores};

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
    /// For those who would rather look at more than miss one: scores that at most one benign document in a thousand reaches, per
    /// label, or those of [`Balanced`](Self::Balanced) where these are lower; and advocacy need not be the likeliest context.
    Review,
    /// Scores that at most one benign document in ten thousand reaches, per label.
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

/// What makes a label of a score: a threshold per category, and how probable it must be that the author advocates.
///
/// The annotation guide gives labels to those alone who do the thing or further it. Who reports it, opposes it or speaks of something
/// else has none, whatever the scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingPoint {
    advocacy: Probability,
    thresholds: Thresholds,
}

impl OperatingPoint {
    /// An operating point with labels from these thresholds on, where advocacy is at least this probable.
    #[must_use]
    pub const fn new(advocacy: Probability, thresholds: Thresholds) -> Self {
        Self { advocacy, thresholds }
    }

    /// The probability of [`Context::Advocacy`] from which on a text can have labels.
    #[must_use]
    pub const fn advocacy(&self) -> Probability {
        self.advocacy
    }

    /// The threshold of one category.
    #[must_use]
    pub const fn threshold(&self, category: Category) -> Probability {
        self.thresholds.get(category)
    }

    /// The labels of a text with these scores and this context, in the order of [`Category::ALL`].
    ///
    /// ```
    /// use bellwether::{Category, Context, ContextScores, OperatingPoint, Probability, Scores, Thresholds};
    /// let half = Probability::new(0.5).unwrap();
    /// let point = OperatingPoint::new(half, Thresholds::new([half; Category::COUNT]));
    ///
    /// let scores = Scores::new([Probability::ONE; Category::COUNT]);
    /// let (mut supporter, mut reporter) = ([Probability::ZERO; Context::COUNT], [Probability::ZERO; Context::COUNT]);
    /// supporter[Context::Advocacy as usize] = Probability::ONE;
    /// reporter[Context::Reporting as usize] = Probability::ONE;
    /// assert_eq!(point.labels(&scores, &ContextScores::new(supporter)), Category::ALL);
    /// assert_eq!(point.labels(&scores, &ContextScores::new(reporter)), []);
    /// ```
    #[must_use]
    pub fn labels(&self, scores: &Scores, context: &ContextScores) -> Vec<Category> {
        if context.get(Context::Advocacy) >= self.advocacy { self.thresholds.reached(scores) } else { Vec::new() }
    }
}
