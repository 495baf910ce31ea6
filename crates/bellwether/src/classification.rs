//! The result of classifying one text.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{Category, Context, Probability};

/// A calibrated probability for each category.
///
/// In JSON an object with the five names as keys.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    radicalization: Probability,
    recruitment: Probability,
    training: Probability,
    planning: Probability,
    fundraising: Probability,
}

impl Scores {
    /// Scores in the order of [`Category::ALL`].
    #[must_use]
    pub const fn new(scores: [Probability; Category::COUNT]) -> Self {
        let [radicalization, recruitment, training, planning, fundraising] = scores;
        Self { radicalization, recruitment, training, planning, fundraising }
    }

    /// The score of one category.
    #[must_use]
    pub const fn get(&self, category: Category) -> Probability {
        match category {
            Category::Radicalization => self.radicalization,
            Category::Recruitment => self.recruitment,
            Category::Training => self.training,
            Category::Planning => self.planning,
            Category::Fundraising => self.fundraising,
        }
    }

    /// Every category with its score, in the order of [`Category::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Category, Probability)> + '_ {
        Category::ALL.into_iter().map(|category| (category, self.get(category)))
    }
}

/// A probability for each context; they sum to one.
///
/// In JSON an object with the four names as keys.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ContextScores {
    advocacy: Probability,
    reporting: Probability,
    counter: Probability,
    unrelated: Probability,
}

impl ContextScores {
    /// Probabilities in the order of [`Context::ALL`].
    #[must_use]
    pub const fn new(scores: [Probability; Context::COUNT]) -> Self {
        let [advocacy, reporting, counter, unrelated] = scores;
        Self { advocacy, reporting, counter, unrelated }
    }

    /// The probability of one context.
    #[must_use]
    pub const fn get(&self, context: Context) -> Probability {
        match context {
            Context::Advocacy => self.advocacy,
            Context::Reporting => self.reporting,
            Context::Counter => self.counter,
            Context::Unrelated => self.unrelated,
        }
    }

    /// The most probable context.
    #[must_use]
    pub fn most_probable(&self) -> Context {
        let mut best = Context::Advocacy;
        for context in Context::ALL {
            if self.get(context) > self.get(best) {
                best = context;
            }
        }
        best
    }
}

/// Which part of the model had the last word on a text. A later stage is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The gate: it held all of the text for benign, or it was asked alone. Nothing else read it.
    Gate,
    /// The student: it held for benign what the gate had not, or was asked without the encoder, which did not read the text.
    Student,
    /// The encoder: it read the text, or what the gate and the student did not hold for benign.
    Encoder,
}

/// The part of a text that speaks most for a label.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The label it speaks for.
    pub label: Category,
    /// First byte in the original text.
    pub start: usize,
    /// One past the last byte in the original text.
    pub end: usize,
    /// The label's score in this part alone.
    pub score: Probability,
}

impl Evidence {
    /// The bytes of the original text; always on character boundaries.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// What a [`Classifier`](crate::Classifier) says of one text.
///
/// It serializes to an object whose names are stable:
/// `scores`, `labels`, `context`, `stage`, `coverage`, `windows`, `evidence`.
///
/// ```
/// # fn main() -> bellwether::Result<()> {
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small");
/// use bellwether::{Category, Classifier};
/// let classification = Classifier::open(folder)?.classify("The choir meets on Thursdays.")?;
/// assert!(classification.labels().is_empty());
/// assert!(classification.score(Category::Planning).get() < 0.5);
/// assert_eq!(classification.coverage().get(), 1.0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    pub(crate) scores: Scores,
    pub(crate) labels: Vec<Category>,
    pub(crate) context: ContextScores,
    pub(crate) stage: Stage,
    pub(crate) coverage: Probability,
    pub(crate) windows: usize,
    pub(crate) evidence: Vec<Evidence>,
}

impl Classification {
    /// The calibrated probability that the text serves this use: the highest over its windows.
    #[must_use]
    pub const fn score(&self, category: Category) -> Probability {
        self.scores.get(category)
    }

    /// All five scores.
    #[must_use]
    pub const fn scores(&self) -> &Scores {
        &self.scores
    }

    /// The categories whose score reaches the threshold of the classifier's operating point, in the order of [`Category::ALL`]; none
    /// unless [`Advocacy`](Context::Advocacy) is as probable as it asks. A flag for a person to look at, not a verdict.
    ///
    /// Where the gate or the student had the last word, the thresholds are theirs, and the context does not count.
    #[must_use]
    pub fn labels(&self) -> &[Category] {
        &self.labels
    }

    /// In which capacity the author speaks, judged from the most telling window.
    #[must_use]
    pub const fn context(&self) -> &ContextScores {
        &self.context
    }

    /// Which part of the model had the last word.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// The share of the text, in bytes of its normalised view, that was read. Below one only if the text needs
    /// more windows than the model's limit.
    #[must_use]
    pub const fn coverage(&self) -> Probability {
        self.coverage
    }

    /// How many windows the text was read in; at least one.
    #[must_use]
    pub const fn windows(&self) -> usize {
        self.windows
    }

    /// For each label the window with its highest score, as bytes of the original text, widened to whole words.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// Moves every piece of evidence to where `place` says that its bytes are: for a caller who shows another form of the
    /// text, and knows where the bytes of the original are in it.
    #[must_use]
    pub fn move_evidence(mut self, mut place: impl FnMut(Range<usize>) -> Range<usize>) -> Self {
        for evidence in &mut self.evidence {
            Range { start: evidence.start, end: evidence.end } = place(evidence.range());
        }
        self
    }
}
