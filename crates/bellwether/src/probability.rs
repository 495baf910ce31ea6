//! A number that cannot leave 0..=1.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A probability or share: always a number in `0.0..=1.0`, never NaN.
///
/// ```
/// use bellwether::Probability;
/// assert_eq!(Probability::new(0.25).map(Probability::get), Some(0.25));
/// assert_eq!(Probability::new(1.5), None);
/// assert_eq!(Probability::new(f32::NAN), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct Probability(f32);

impl Probability {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);
    /// Certainty, or the whole.
    pub const ONE: Self = Self(1.0);

    /// The value as a probability, or `None` outside `0.0..=1.0` and for NaN.
    #[must_use]
    pub fn new(value: f32) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The logistic function of a logit; NaN gives the cautious [`Probability::ONE`], so that a
    /// broken number is looked at rather than passed over.
    #[must_use]
    pub(crate) fn from_logit(logit: f32) -> Self {
        if logit.is_nan() { Self::ONE } else { Self(1.0 / (1.0 + (-logit).exp())) }
    }

    /// The share of a whole that a part of it is. Rounding never makes less than all of it a one.
    pub(crate) fn share(part: usize, whole: usize) -> Self {
        if part >= whole { Self::ONE } else { Self(((part as f64 / whole as f64) as f32).min(1.0_f32.next_down())) }
    }

    /// The softmax of `logits`: probabilities that sum to one. A logit that is no number makes all of them [`Probability::ONE`], as
    /// [`from_logit`](Self::from_logit) does.
    pub(crate) fn softmax<const N: usize>(logits: [f32; N]) -> [Self; N] {
        let highest = logits.into_iter().fold(f32::NEG_INFINITY, f32::max);
        let powers = logits.map(|logit| (logit - highest).exp());
        let sum: f32 = powers.iter().sum();
        powers.map(|power| Self::new(power / sum).unwrap_or(Self::ONE))
    }

    /// The value, in `0.0..=1.0`.
    #[must_use]
    pub const fn get(self) -> f32 {
        self.0
    }
}

/// A value that is not a probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutOfRange(f32);

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a probability: it must lie in 0..=1", self.0)
    }
}

impl std::error::Error for OutOfRange {}

impl TryFrom<f32> for Probability {
    type Error = OutOfRange;

    fn try_from(value: f32) -> Result<Self, OutOfRange> {
        Self::new(value).ok_or(OutOfRange(value))
    }
}

impl From<Probability> for f32 {
    fn from(probability: Probability) -> Self {
        probability.0
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
