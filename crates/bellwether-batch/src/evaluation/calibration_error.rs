//! Whether a score of 0.8 means eight in ten.

use super::Judgement;

/// How many bins of equal width the scores are sorted into.
pub const CALIBRATION_BINS: usize = 15;

/// The expected calibration error (Naeini, Cooper and Hauskrecht 2015), in `0.0..=1.0`; `None` of no document.
///
/// Scores are sorted into [`CALIBRATION_BINS`] bins of equal width. The value is the mean over the documents of the gap, in
/// their bin, between the mean score and the share of positives.
#[must_use]
pub fn expected_calibration_error(judgements: &[Judgement]) -> Option<f64> {
    #[derive(Clone, Copy, Default)]
    struct Bin {
        scores: f64,
        positives: f64,
    }
    let mut bins = [Bin::default(); CALIBRATION_BINS];
    for judgement in judgements {
        let score = f64::from(judgement.score.get());
        // A probability is never negative, and a score of 1 belongs to the last bin.
        #[expect(clippy::cast_sign_loss, reason = "a probability is never negative")]
        let bin = &mut bins[((score * CALIBRATION_BINS as f64) as usize).min(CALIBRATION_BINS - 1)];
        bin.scores += score;
        bin.positives += f64::from(u8::from(judgement.positive));
    }
    // The gap of the means, weighted by the count, is the gap of the sums.
    let gaps: f64 = bins.iter().map(|bin| (bin.scores - bin.positives).abs()).sum();
    (!judgements.is_empty()).then(|| gaps / judgements.len() as f64)
}
