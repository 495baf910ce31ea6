//! Everything that is measured on one set of labelled documents.

use std::collections::BTreeMap;

use bellwether::{Category, OperatingPoint, Probability, Profile};
use serde::Serialize;

use super::{
    ConfusionMatrix, FalsePositiveRate, FlagRates, Judgement, Observation, Proportion, RecallAtRate, average_precision,
    expected_calibration_error, macro_average_precision,
};

/// The thresholds of each profile that is measured.
pub type OperatingPoints = BTreeMap<Profile, OperatingPoint>;

/// The measures of a classifier on labelled documents. Serializes to what `bellwether evaluate --json` writes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// How many labelled documents were measured.
    pub documents: usize,
    /// The mean of the average precisions, over the categories that have a positive.
    pub macro_average_precision: Option<f64>,
    /// The measures of each category.
    pub categories: BTreeMap<Category, CategoryMeasures>,
    /// Average precision by stated language, in alphabetical order; first the documents that state none.
    pub languages: Vec<LanguageMeasures>,
    /// Flag rates of the benign documents.
    pub flag_rates: FlagRates,
}

/// How well one category's score tells its documents from the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CategoryMeasures {
    /// Labelled documents with the label.
    pub positives: usize,
    /// Labelled documents without it.
    pub negatives: usize,
    /// See [`average_precision`]; `None` without a positive.
    pub average_precision: Option<f64>,
    /// See [`expected_calibration_error`].
    pub expected_calibration_error: Option<f64>,
    /// Counts of the label as each profile gives it.
    pub profiles: BTreeMap<Profile, ThresholdMeasures>,
    /// Recall at the [reported](FalsePositiveRate::REPORTED) false-positive rates, the highest rate first.
    pub recall_at_false_positive_rate: Vec<RecallAtRate>,
}

/// How right a label is as one profile gives it: where its score reaches the threshold, and advocacy is probable enough.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ThresholdMeasures {
    /// The threshold.
    pub threshold: Probability,
    /// The four counts.
    #[serde(flatten)]
    pub counts: ConfusionMatrix,
    /// See [`ConfusionMatrix::precision`].
    pub precision: Proportion,
    /// See [`ConfusionMatrix::recall`].
    pub recall: Proportion,
    /// See [`ConfusionMatrix::f1`].
    pub f1: Option<f64>,
}

/// Average precision on the labelled documents of one language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LanguageMeasures {
    /// The language; null in JSON for documents that state none.
    pub name: Option<String>,
    /// How many documents it holds.
    pub documents: usize,
    /// How many have each label.
    pub positives: BTreeMap<Category, usize>,
    /// See [`average_precision`]; null in JSON without a positive.
    pub average_precision: BTreeMap<Category, Option<f64>>,
    /// Their mean.
    pub macro_average_precision: Option<f64>,
}

impl Evaluation {
    /// Measures `data`. The thresholds of the false-positive rates are set on `negatives`, and flag rates are those of the
    /// benign documents in it; without it both come from `data`.
    #[must_use]
    pub fn new(data: &[&Observation], negatives: Option<&[&Observation]>, points: &OperatingPoints) -> Self {
        let against = negatives.unwrap_or(data);
        let categories: BTreeMap<_, _> = Category::ALL
            .into_iter()
            .map(|category| (category, CategoryMeasures::new(category, data, against, points)))
            .collect();
        let averages = categories.iter().map(|(&category, measures)| (category, measures.average_precision)).collect();
        let mut languages = BTreeMap::<_, Vec<_>>::new();
        for &observation in data {
            languages.entry(observation.lang.as_deref()).or_default().push(observation);
        }
        Self {
            documents: data.len(),
            macro_average_precision: macro_average_precision(&averages),
            categories,
            languages: languages.into_iter().map(|(name, documents)| LanguageMeasures::new(name, &documents)).collect(),
            flag_rates: FlagRates::new(against.iter().copied(), points),
        }
    }
}

impl CategoryMeasures {
    fn new(category: Category, data: &[&Observation], against: &[&Observation], points: &OperatingPoints) -> Self {
        let (judged, against) = (judgements(category, data), judgements(category, against));
        let positives = judged.iter().filter(|judgement| judgement.positive).count();
        let profiles = points.iter().map(|(&profile, point)| (profile, ThresholdMeasures::new(category, point, data)));
        Self {
            positives,
            negatives: judged.len() - positives,
            average_precision: average_precision(&judged),
            expected_calibration_error: expected_calibration_error(&judged),
            profiles: profiles.collect(),
            recall_at_false_positive_rate: FalsePositiveRate::REPORTED
                .into_iter()
                .map(|rate| RecallAtRate::measure(rate, &judged, &against))
                .collect(),
        }
    }
}

impl ThresholdMeasures {
    fn new(category: Category, point: &OperatingPoint, data: &[&Observation]) -> Self {
        let given = |document: &&Observation| (document.labels.contains(&category), document.is_labelled(category, point));
        let counts: ConfusionMatrix = data.iter().map(given).collect();
        Self {
            threshold: point.threshold(category),
            counts,
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
        }
    }
}

impl LanguageMeasures {
    fn new(name: Option<&str>, documents: &[&Observation]) -> Self {
        let judged = Category::ALL.map(|category| (category, judgements(category, documents)));
        let averages = judged.iter().map(|(category, judged)| (*category, average_precision(judged))).collect();
        let count = |judged: &[Judgement]| judged.iter().filter(|judgement| judgement.positive).count();
        Self {
            name: name.map(str::to_owned),
            documents: documents.len(),
            positives: judged.iter().map(|(category, judged)| (*category, count(judged))).collect(),
            macro_average_precision: macro_average_precision(&averages),
            average_precision: averages,
        }
    }
}

fn judgements(category: Category, observations: &[&Observation]) -> Vec<Judgement> {
    observations.iter().map(|observation| observation.judgement(category)).collect()
}
