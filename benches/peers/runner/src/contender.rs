//! What is measured: something that scores texts.

use bellwether::{Category, Classifier, Mode, Stage};

use crate::Failure;

/// What scoring made. A contender fills what it has.
#[derive(Default)]
pub(crate) struct Scored {
    /// A row of five probabilities a text.
    pub(crate) scores: Vec<[f32; Category::COUNT]>,
    /// A vector a text, of which the scores are still to be made.
    pub(crate) vectors: Vec<Vec<f32>>,
    /// How many texts the encoder had the last word on.
    pub(crate) read_by_encoder: Option<usize>,
}

impl Scored {
    pub(crate) fn append(&mut self, other: Self) {
        self.scores.extend(other.scores);
        self.vectors.extend(other.vectors);
        if let Some(count) = other.read_by_encoder {
            *self.read_by_encoder.get_or_insert(0) += count;
        }
    }
}

/// One that scores texts.
pub(crate) trait Contender: Sync {
    /// What it is, with versions.
    fn description(&self) -> String;

    /// Scores all texts, in order. This is what is timed.
    fn score(&self, texts: &[String]) -> Result<Scored, Failure>;

    /// The scores, with what is left out of the time made up for.
    fn finish(&self, scored: Scored) -> Vec<[f32; Category::COUNT]>;
}

/// Bellwether in one of its modes, through the library.
pub(crate) struct Modes(Classifier);

impl Modes {
    pub(crate) fn open(folder: &str, mode: Mode) -> Result<Self, Failure> {
        Ok(Self(Classifier::builder().mode(mode).open(folder)?))
    }
}

impl Contender for Modes {
    fn description(&self) -> String {
        format!("{} {}, {}", self.0.manifest().name(), self.0.manifest().version(), self.0.runtime_description())
    }

    fn score(&self, texts: &[String]) -> Result<Scored, Failure> {
        let mut scores = Vec::with_capacity(texts.len());
        let mut read_by_encoder = 0;
        for text in texts {
            let result = self.0.classify(text)?;
            read_by_encoder += usize::from(result.stage() == Stage::Encoder);
            scores.push(Category::ALL.map(|category| result.score(category).get()));
        }
        Ok(Scored { scores, vectors: Vec::new(), read_by_encoder: Some(read_by_encoder) })
    }

    fn finish(&self, scored: Scored) -> Vec<[f32; Category::COUNT]> {
        scored.scores
    }
}
