//! From logits to probabilities that mean what they say.

use serde::{Deserialize, Serialize};

use crate::{Category, Probability};

/// Platt scaling of one label: the probability is the logistic function of `scale * logit + offset`
/// (J. Platt, *Probabilistic outputs for support vector machines*, 1999).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlattScaling {
    scale: f32,
    offset: f32,
}

impl PlattScaling {
    /// Whether both numbers are finite and the order of logits is kept.
    pub(crate) fn is_valid(self) -> bool {
        self.scale.is_finite() && self.scale > 0.0 && self.offset.is_finite()
    }

    fn apply(self, logit: f32) -> Probability {
        Probability::from_logit(self.scale.mul_add(logit, self.offset))
    }
}

/// The scaling of every label. Each keeps the order of logits, so the highest window stays the highest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calibration {
    radicalization: PlattScaling,
    recruitment: PlattScaling,
    training: PlattScaling,
    planning: PlattScaling,
    fundraising: PlattScaling,
}

impl Calibration {
    pub(crate) const fn of(&self, category: Category) -> PlattScaling {
        match category {
            Category::Radicalization => self.radicalization,
            Category::Recruitment => self.recruitment,
            Category::Training => self.training,
            Category::Planning => self.planning,
            Category::Fundraising => self.fundraising,
        }
    }

    pub(crate) fn probability(&self, category: Category, logit: f32) -> Probability {
        self.of(category).apply(logit)
    }
}
