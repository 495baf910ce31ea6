//! What the runner is told, and what it answers.

use std::fs;
use std::thread;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::contender::{Contender, Scored};
use crate::texts::Texts;

/// Score a file of texts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// A file of JSON lines with a `text` each.
    texts: String,
    /// The first so many of them; all of them if not set.
    #[serde(default)]
    limit: Option<usize>,
    /// Where the scores go, as one JSON array with a row a text; nowhere if not set.
    #[serde(default)]
    scores: Option<String>,
    /// Where the vectors go, as little-endian `f32`, for a contender that has them.
    #[serde(default)]
    vectors: Option<String>,
    /// Also answer with the seconds that each text took.
    #[serde(default)]
    each: bool,
}

/// What came of an [`Order`].
#[derive(Serialize)]
pub(crate) struct Report {
    /// Seconds of scoring, and of nothing else.
    seconds: f64,
    documents: usize,
    bytes: usize,
    /// Texts by the stage that had the last word, where there are stages.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_by_encoder: Option<usize>,
    /// Seconds of each text.
    #[serde(skip_serializing_if = "Option::is_none")]
    each: Option<Vec<f64>>,
}

impl Order {
    pub(crate) fn carry_out(&self, contender: &dyn Contender, texts: &mut Texts) -> Result<Report, Failure> {
        let texts = texts.of(&self.texts, self.limit)?;
        // What is remembered of words, a thread remembers: a new one has not read these texts in the round before.
        let timed = thread::scope(|scope| scope.spawn(|| self.score(contender, texts).map_err(|error| error.to_string())).join());
        let (scored, seconds, each) = timed.map_err(|_| "scoring panicked")??;
        if let Some(path) = &self.vectors {
            let bytes: Vec<u8> = scored.vectors.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
            fs::write(path, bytes)?;
        }
        let read_by_encoder = scored.read_by_encoder;
        if let Some(path) = &self.scores {
            fs::write(path, serde_json::to_string(&contender.finish(scored))?)?;
        }
        let bytes = texts.iter().map(String::len).sum();
        Ok(Report { seconds, documents: texts.len(), bytes, read_by_encoder, each })
    }

    /// The scores, the seconds of all texts together, and those of each if they are wanted.
    fn score(&self, contender: &dyn Contender, texts: &[String]) -> Result<(Scored, f64, Option<Vec<f64>>), Failure> {
        let begin = Instant::now();
        if !self.each {
            let scored = contender.score(texts)?;
            return Ok((scored, begin.elapsed().as_secs_f64(), None));
        }
        let (mut all, mut each) = (Scored::default(), Vec::with_capacity(texts.len()));
        for text in texts {
            let begin = Instant::now();
            let one = contender.score(std::slice::from_ref(text))?;
            each.push(begin.elapsed().as_secs_f64());
            all.append(one);
        }
        Ok((all, begin.elapsed().as_secs_f64(), Some(each)))
    }
}
