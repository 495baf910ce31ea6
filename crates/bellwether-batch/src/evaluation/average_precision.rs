//! Average precision: how well a ranking puts the positives first.

use std::collections::BTreeMap;

use bellwether::Category;

use super::Judgement;

/// The area under the precision-recall curve as a sum of steps, in `0.0..=1.0`; `None` without a positive.
///
/// Every distinct score is a threshold *n*, and the value is Σ (R*ₙ* − R*ₙ₋₁*) P*ₙ*, without interpolation: the definition
/// of scikit-learn's `average_precision_score`. Equal scores stand at one threshold, so their order does not matter.
///
/// ```
/// use bellwether::Probability;
/// use bellwether_batch::evaluation::{Judgement, average_precision};
/// let judged = [(0.9, true), (0.5, false), (0.4, true)];
/// let judged = judged.map(|(score, positive)| Judgement { score: Probability::new(score).unwrap(), positive });
/// assert_eq!(average_precision(&judged), Some(0.5 * 1.0 + 0.5 * 2.0 / 3.0));
/// ```
#[must_use]
pub fn average_precision(judgements: &[Judgement]) -> Option<f64> {
    let all_positives = judgements.iter().filter(|judgement| judgement.positive).count();
    if all_positives == 0 {
        return None;
    }
    let mut ranked = judgements.to_vec();
    ranked.sort_unstable_by(|a, b| b.score.get().total_cmp(&a.score.get()));
    let (mut seen, mut positives, mut area) = (0_usize, 0_usize, 0.0);
    for tied in ranked.chunk_by(|a, b| a.score == b.score) {
        let gained = tied.iter().filter(|judgement| judgement.positive).count();
        seen += tied.len();
        positives += gained;
        area += gained as f64 / all_positives as f64 * (positives as f64 / seen as f64);
    }
    Some(area)
}

/// The mean over the categories that have an average precision; `None` if none has.
#[must_use]
pub fn macro_average_precision(values: &BTreeMap<Category, Option<f64>>) -> Option<f64> {
    let measured: Vec<f64> = values.values().copied().flatten().collect();
    (!measured.is_empty()).then(|| measured.iter().sum::<f64>() / measured.len() as f64)
}
