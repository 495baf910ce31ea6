//! What was said of a document, beside what is true of it.

use std::collections::BTreeSet;

use bellwether::{Category, ContextScores, OperatingPoint, Probability, Scores};

use crate::Annotation;

/// A scored document whose labels are known. It holds no text, so that millions fit in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The language its source states, or the one that was identified.
    pub lang: Option<String>,
    /// The group its source states.
    pub group: Option<String>,
    /// The categories it truly has.
    pub labels: BTreeSet<Category>,
    /// What the classifier gave it.
    pub scores: Scores,
    /// How probable the classifier holds each context.
    pub context: ContextScores,
}

impl Observation {
    /// The truth of one document, and what the classifier says of it.
    #[must_use]
    pub fn new(lang: Option<String>, annotation: Annotation, scores: Scores, context: ContextScores) -> Self {
        Self { lang, group: annotation.group, labels: annotation.labels, scores, context }
    }

    /// Whether an operating point gives it this label.
    #[must_use]
    pub fn is_labelled(&self, category: Category, point: &OperatingPoint) -> bool {
        point.labels(&self.scores, &self.context).contains(&category)
    }

    /// Whether an operating point gives it any label.
    #[must_use]
    pub fn is_flagged(&self, point: &OperatingPoint) -> bool {
        !point.labels(&self.scores, &self.context).is_empty()
    }

    /// Whether the document has no label at all: whatever flags it is a false positive.
    #[must_use]
    pub fn is_benign(&self) -> bool {
        self.labels.is_empty()
    }

    /// The document as one category sees it.
    #[must_use]
    pub fn judgement(&self, category: Category) -> Judgement {
        Judgement { score: self.scores.get(category), positive: self.labels.contains(&category) }
    }
}

/// One document's score for one category, beside the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// The score for the category.
    pub score: Probability,
    /// Whether the document truly has the category's label.
    pub positive: bool,
}
