//! What a classifier makes of a functional suite.

use std::collections::BTreeMap;

use bellwether::{OperatingPoint, Probability, Scores};
use serde::Serialize;

use super::{CasePair, Observation};

/// The outcome of each pair, and their counts by functionality and language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuiteReport {
    /// Over all pairs.
    pub total: CaseCounts,
    /// By functionality, in alphabetical order.
    pub functionalities: Vec<NamedCounts>,
    /// By stated language, in alphabetical order; first the pairs that state none.
    pub languages: Vec<NamedCounts>,
    /// Pairs with a member that could not be scored; they are counted nowhere else.
    pub unscored: usize,
    /// Every pair, in the order of their names.
    pub pairs: Vec<CaseResult>,
}

/// Counts under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedCounts {
    /// The functionality or language; null in JSON for pairs that state no language.
    pub name: Option<String>,
    /// The counts.
    #[serde(flatten)]
    pub counts: CaseCounts,
}

/// How many pairs pass, in each sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CaseCounts {
    /// Pairs that were scored.
    pub pairs: usize,
    /// Pairs whose positive has a higher score than the twin, the highest over the positive's own labels.
    pub ranked_right: usize,
    /// Pairs whose positive is flagged with at least one of its own labels.
    pub positive_caught: usize,
    /// Pairs whose twin is flagged with no label.
    pub twin_clean: usize,
    /// Pairs of which both hold: the positive caught and the twin clean.
    pub both_right: usize,
}

/// The outcome of one pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "four tests, each passed or not")]
pub struct CaseResult {
    /// The name of the pair.
    pub pair: String,
    /// The ability it tests.
    pub functionality: String,
    /// The language of both members.
    pub lang: Option<String>,
    /// See [`CaseCounts::ranked_right`].
    pub ranked_right: bool,
    /// See [`CaseCounts::positive_caught`].
    pub positive_caught: bool,
    /// See [`CaseCounts::twin_clean`].
    pub twin_clean: bool,
    /// See [`CaseCounts::both_right`].
    pub both_right: bool,
}

impl CaseResult {
    fn new(pair: &CasePair, positive: &Observation, twin: &Observation, point: &OperatingPoint) -> Self {
        let own = &positive.labels;
        let highest = |scores: &Scores| own.iter().map(|&label| scores.get(label).get()).fold(Probability::ZERO.get(), f32::max);
        let positive_caught = own.iter().any(|&label| positive.is_labelled(label, point));
        let twin_clean = !twin.is_flagged(point);
        Self {
            pair: pair.name.clone(),
            functionality: pair.functionality.clone(),
            lang: pair.lang.clone(),
            ranked_right: highest(&positive.scores) > highest(&twin.scores),
            positive_caught,
            twin_clean,
            both_right: positive_caught && twin_clean,
        }
    }
}

impl CaseCounts {
    fn add(&mut self, result: &CaseResult) {
        self.pairs += 1;
        self.ranked_right += usize::from(result.ranked_right);
        self.positive_caught += usize::from(result.positive_caught);
        self.twin_clean += usize::from(result.twin_clean);
        self.both_right += usize::from(result.both_right);
    }
}

impl SuiteReport {
    /// Judges pairs by an operating point. `observations` holds the documents at the places that the pairs name; `None`
    /// stands for one that could not be scored.
    #[must_use]
    pub fn new(pairs: &[CasePair], observations: &[Option<Observation>], point: &OperatingPoint) -> Self {
        let at = |place: usize| observations.get(place).and_then(Option::as_ref);
        let results: Vec<_> =
            pairs.iter().filter_map(|pair| Some(CaseResult::new(pair, at(pair.positive)?, at(pair.twin)?, point))).collect();
        let mut total = CaseCounts::default();
        let mut functionalities = BTreeMap::<_, CaseCounts>::new();
        let mut languages = BTreeMap::<_, CaseCounts>::new();
        for result in &results {
            total.add(result);
            functionalities.entry(Some(&result.functionality)).or_default().add(result);
            languages.entry(result.lang.as_ref()).or_default().add(result);
        }
        let named = |counts: BTreeMap<Option<&String>, CaseCounts>| {
            counts.into_iter().map(|(name, counts)| NamedCounts { name: name.cloned(), counts }).collect()
        };
        Self {
            total,
            functionalities: named(functionalities),
            languages: named(languages),
            unscored: pairs.len() - results.len(),
            pairs: results,
        }
    }
}
