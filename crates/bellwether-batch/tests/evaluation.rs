//! The measures against hand-computed cases, and what must hold of them whatever the scores.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::collections::BTreeSet;

use bellwether::{Category, Context, ContextScores, OperatingPoint, Probability, Profile, Scores, Thresholds};
use bellwether_batch::evaluation::{
    ConfusionMatrix, Evaluation, FalsePositiveRate, FlagRates, Judgement, NotMeasurable, Observation, OperatingPoints,
    Proportion, RecallAtRate, average_precision, expected_calibration_error,
};
use proptest::prelude::*;

/// Scores, each with whether its document is positive.
type Scored = [(f32, bool)];

fn probability(value: f32) -> Probability {
    Probability::new(value).unwrap()
}

fn judgements(scored: &Scored) -> Vec<Judgement> {
    scored.iter().map(|&(score, positive)| Judgement { score: probability(score), positive }).collect()
}

fn close(found: impl Into<Option<f64>>, expected: f64) {
    let found = found.into().unwrap();
    assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
}

/// A document whose scores are all the same.
fn observation(lang: Option<&str>, group: Option<&str>, labels: &[Category], score: f32) -> Observation {
    Observation {
        lang: lang.map(str::to_owned),
        group: group.map(str::to_owned),
        labels: labels.iter().copied().collect::<BTreeSet<_>>(),
        scores: Scores::new([probability(score); Category::COUNT]),
        context: context(1.0),
    }
}

/// A context that is advocacy with this probability, and reporting otherwise.
fn context(advocacy: f32) -> ContextScores {
    let mut scores = [Probability::ZERO; Context::COUNT];
    scores[Context::Advocacy as usize] = probability(advocacy);
    scores[Context::Reporting as usize] = probability(1.0 - advocacy);
    ContextScores::new(scores)
}

fn points() -> OperatingPoints {
    let point = |threshold| OperatingPoint::new(probability(0.5), Thresholds::new([probability(threshold); Category::COUNT]));
    Profile::ALL.into_iter().zip([0.25, 0.5, 0.75].map(point)).collect()
}

#[test]
fn only_who_advocates_is_labelled() {
    for (context, labels) in [(context(0.5), [Category::Training].as_slice()), (context(0.499), &[]), (context(0.0), &[])] {
        let benign = Observation { context, ..observation(None, None, &[], 0.9) };
        let positive = Observation { context, ..observation(None, None, &[Category::Training], 0.9) };
        let point = points()[&Profile::Strict];
        assert_eq!(benign.is_flagged(&point), !labels.is_empty());
        assert_eq!(positive.is_labelled(Category::Training, &point), labels.contains(&Category::Training));

        let evaluation = Evaluation::new(&[&benign, &positive], None, &points());
        let counted = usize::from(!labels.is_empty());
        assert_eq!(evaluation.flag_rates.all.profiles[&Profile::Strict].any.count(), counted);
        let counts = evaluation.categories[&Category::Training].profiles[&Profile::Strict].counts;
        assert_eq!((counts.true_positives, counts.false_positives), (counted, counted));
        assert_eq!((counts.false_negatives, counts.true_negatives), (1 - counted, 1 - counted));
    }
}

#[test]
fn average_precision_is_that_of_scikit_learn() {
    // Expected values by hand; the first is the example of scikit-learn's `average_precision_score`.
    let cases: [(&Scored, Option<f64>); 8] = [
        (&[(0.1, false), (0.4, false), (0.35, true), (0.8, true)], Some(0.5 + 0.5 * 2.0 / 3.0)),
        (&[(0.9, true), (0.8, true), (0.1, false)], Some(1.0)),
        (&[(0.9, false), (0.8, false), (0.1, true)], Some(1.0 / 3.0)),
        // Ties are one threshold: both documents come in together.
        (&[(0.5, true), (0.5, false)], Some(0.5)),
        (&[(0.7, true), (0.5, false), (0.5, true), (0.5, false)], Some(0.5 + 0.5 * 2.0 / 4.0)),
        (&[(0.3, true), (0.3, true), (0.3, true)], Some(1.0)),
        (&[(0.3, false)], None),
        (&[], None),
    ];
    for (scored, expected) in cases {
        match expected {
            Some(expected) => close(average_precision(&judgements(scored)), expected),
            None => assert_eq!(average_precision(&judgements(scored)), None),
        }
    }
}

#[test]
fn intervals_are_wilsons() {
    // Wilson's formula worked out apart from this code, to four places.
    for ((count, total), (low, high)) in [
        ((0, 10), (0.0, 0.2775)),
        ((10, 10), (0.7225, 1.0)),
        ((1, 10), (0.0179, 0.4042)),
        ((5, 10), (0.2366, 0.7634)),
        ((20, 207), (0.0634, 0.1446)),
        ((0, 0), (0.0, 1.0)),
    ] {
        let interval = Proportion::new(count, total).interval();
        close(interval.low, low);
        close(interval.high, high);
    }
}

#[test]
fn a_threshold_counts_what_reaches_it() {
    let judged = judgements(&[(0.5, true), (0.4, true), (0.5, false), (0.2, false), (0.1, false)]);
    let matrix = ConfusionMatrix::at(probability(0.5), &judged);
    let expected = ConfusionMatrix { true_positives: 1, false_positives: 1, false_negatives: 1, true_negatives: 2 };
    assert_eq!(matrix, expected);
    assert_eq!((matrix.precision(), matrix.recall(), matrix.f1()), (Proportion::new(1, 2), Proportion::new(1, 2), Some(0.5)));
    let nothing = ConfusionMatrix::at(probability(0.5), &judgements(&[(0.1, false)]));
    assert_eq!((nothing.precision().share(), nothing.recall().share(), nothing.f1()), (None, None, None));
}

#[test]
fn calibration_error_is_the_mean_gap() {
    assert_eq!(expected_calibration_error(&[]), None);
    // Four documents at 0.75, three of them positive: what the score says.
    close(expected_calibration_error(&judgements(&[(0.75, true), (0.75, true), (0.75, true), (0.75, false)])), 0.0);
    // A bin of two with a gap of |0.9 - 0.5|, a bin of two with |0.1 - 0|; a score of 1 is in the last bin.
    close(expected_calibration_error(&judgements(&[(0.9, true), (0.9, false), (0.1, false), (0.1, false)])), 0.25);
    close(expected_calibration_error(&judgements(&[(1.0, false), (0.99, true)])), 0.495);
}

#[test]
fn recall_keeps_to_the_false_positive_rate() {
    let [one_in_hundred, one_in_thousand, ..] = FalsePositiveRate::REPORTED;
    // 200 negatives at 0.000, 0.001, ..., 0.199: two may be flagged, so the threshold lies just above 0.197.
    let mut scored: Vec<_> = (0..200_u16).map(|place| (f32::from(place) / 1000.0, false)).collect();
    scored.extend([(0.197, true), (0.198, true), (0.5, true), (0.0, true)]);
    let judged = judgements(&scored);
    let found = RecallAtRate::measure(one_in_hundred, &judged, &judged);
    let measure = found.measure.unwrap();
    assert_eq!((found.negatives, found.positives), (200, 4));
    assert_eq!((measure.recall, measure.false_positives), (Proportion::new(2, 4), Proportion::new(2, 200)));
    assert_eq!(measure.threshold, Some(probability(0.197_f32.next_up())));

    let too_few = RecallAtRate::measure(one_in_thousand, &judged, &judged);
    assert_eq!(too_few.measure, None);
    assert_eq!(too_few.not_measurable, Some(NotMeasurable::TooFewNegatives { negatives: 200, fewest: 1000 }));

    // Ties at the edge cost the whole tie; at a score of 1 no threshold is left.
    let tied = judgements(&[(1.0, false); 150]);
    let measure = RecallAtRate::measure(one_in_hundred, &judgements(&[(1.0, true)]), &tied).measure.unwrap();
    assert_eq!((measure.threshold, measure.recall), (None, Proportion::new(0, 1)));
    assert_eq!(
        RecallAtRate::measure(one_in_hundred, &[], &tied).not_measurable.map(|reason| reason.to_string()).as_deref(),
        Some("no positives")
    );
}

#[test]
fn benign_documents_are_told_apart_by_language_and_group() {
    let observations = [
        observation(Some("en"), Some("choir"), &[], 0.6),
        observation(Some("en"), None, &[], 0.1),
        observation(None, Some("choir"), &[], 0.3),
        // It has a label, so it is no false positive.
        observation(Some("en"), Some("choir"), &[Category::Training], 0.9),
    ];
    let rates = FlagRates::new(&observations, &points());
    let any = |slice: &bellwether_batch::evaluation::FlaggedSlice, profile| slice.profiles[&profile].any;
    assert_eq!(any(&rates.all, Profile::Balanced), Proportion::new(2, 3));
    assert_eq!(any(&rates.all, Profile::Strict), Proportion::new(0, 3));
    let names: Vec<_> = rates.languages.iter().map(|slice| (slice.name.as_deref(), slice.documents)).collect();
    assert_eq!(names, [(None, 1), (Some("en"), 2)]);
    assert_eq!((rates.groups.len(), any(&rates.groups[0], Profile::Review)), (1, Proportion::new(1, 2)));
    assert_eq!(rates.all.profiles[&Profile::Balanced].labels[&Category::Planning], Proportion::new(2, 3));
}

#[test]
fn a_report_holds_every_measure() {
    let data = [
        observation(Some("en"), None, &[Category::Training, Category::Planning], 0.8),
        observation(Some("fr"), None, &[], 0.4),
        observation(Some("fr"), None, &[Category::Training], 0.2),
    ];
    let (data, negatives) = (data.each_ref(), [observation(None, None, &[], 0.6)]);
    let evaluation = Evaluation::new(&data, Some(&negatives.each_ref()), &points());
    // Planning ranks its one positive first; training has one first and one third.
    close(evaluation.macro_average_precision, f64::midpoint(1.0, 0.5 + 0.5 * 2.0 / 3.0));
    let training = &evaluation.categories[&Category::Training];
    assert_eq!((training.positives, training.negatives), (2, 1));
    assert_eq!(training.profiles[&Profile::Balanced].counts.false_positives, 1);
    assert_eq!(training.recall_at_false_positive_rate[0].negatives, 1);
    assert_eq!(evaluation.categories[&Category::Recruitment].average_precision, None);
    assert_eq!(evaluation.flag_rates.all.documents, 1);
    let json = serde_json::to_value(&evaluation).unwrap();
    assert_eq!(json["categories"]["training"]["profiles"]["strict"]["recall"]["count"], 1);
    assert!(json["categories"]["recruitment"]["average_precision"].is_null());
    assert_eq!(json["categories"]["training"]["recall_at_false_positive_rate"][3]["false_positive_rate"], 5e-5);
    assert!(json["flag_rates"]["all"]["profiles"]["balanced"]["any"]["interval"].is_array());
}

/// Scores with many ties, as small multiples of one eighth.
fn scored_rows() -> impl Strategy<Value = Vec<(f32, bool)>> {
    prop::collection::vec(((0_u8..=8).prop_map(|eighths| f32::from(eighths) / 8.0), any::<bool>()), 1..40)
}

/// Average precision by its definition, a threshold at a time.
fn by_definition(rows: &Scored) -> Option<f64> {
    let total = rows.iter().filter(|row| row.1).count();
    let mut thresholds: Vec<f32> = rows.iter().map(|row| row.0).collect();
    thresholds.sort_by(|a, b| b.total_cmp(a));
    thresholds.dedup();
    let (mut area, mut recall_before) = (0.0, 0.0);
    for threshold in thresholds {
        let reached: Vec<_> = rows.iter().filter(|row| row.0 >= threshold).collect();
        let hits = reached.iter().filter(|row| row.1).count() as f64;
        let recall = hits / total as f64;
        area += (recall - recall_before) * hits / reached.len() as f64;
        recall_before = recall;
    }
    (total > 0).then_some(area)
}

proptest! {
    #[test]
    fn average_precision_follows_its_definition(rows in scored_rows()) {
        match (average_precision(&judgements(&rows)), by_definition(&rows)) {
            (Some(found), Some(expected)) => prop_assert!((found - expected).abs() < 1e-12),
            (found, expected) => prop_assert_eq!(found, expected),
        }
    }

    #[test]
    fn average_precision_depends_on_the_ranking_alone(rows in scored_rows()) {
        // Eighths stay apart under a square root and a halving: strictly monotone on these scores.
        let transformed: Vec<_> = rows.iter().map(|&(score, positive)| (score.sqrt() / 2.0, positive)).collect();
        prop_assert_eq!(average_precision(&judgements(&rows)), average_precision(&judgements(&transformed)));
    }

    #[test]
    fn measures_do_not_depend_on_the_order_of_rows((rows, shuffled) in scored_rows().prop_flat_map(|rows| {
        (Just(rows.clone()), Just(rows).prop_shuffle())
    })) {
        let (rows, shuffled) = (judgements(&rows), judgements(&shuffled));
        prop_assert_eq!(average_precision(&rows), average_precision(&shuffled));
        prop_assert_eq!(
            ConfusionMatrix::at(probability(0.5), &rows),
            ConfusionMatrix::at(probability(0.5), &shuffled)
        );
        let (a, b) = (expected_calibration_error(&rows).unwrap(), expected_calibration_error(&shuffled).unwrap());
        prop_assert!((a - b).abs() < 1e-9 && (0.0..=1.0).contains(&a));
    }

    #[test]
    fn an_interval_holds_its_share(total in 1_usize..5000, part in 0.0_f64..=1.0) {
        #[expect(clippy::cast_sign_loss, reason = "a share of a count is no less than nothing")]
        let proportion = Proportion::new((total as f64 * part) as usize, total);
        let (share, interval) = (proportion.share().unwrap(), proportion.interval());
        prop_assert!(interval.low <= share && share <= interval.high);
        prop_assert!(interval.low >= 0.0 && interval.high <= 1.0 && interval.low < interval.high);
    }

    #[test]
    fn no_threshold_exceeds_its_rate(rows in prop::collection::vec((0.0_f32..=1.0, any::<bool>()), 250..400)) {
        let rate = FalsePositiveRate::REPORTED[0];
        let judged = judgements(&rows);
        let found = RecallAtRate::measure(rate, &judged, &judged);
        if let Some(measure) = found.measure {
            prop_assert!(measure.false_positives.count() <= rate.allowed(found.negatives));
            if let Some(threshold) = measure.threshold {
                let matrix = ConfusionMatrix::at(threshold, &judged);
                prop_assert_eq!((matrix.recall(), matrix.false_positives), (measure.recall, measure.false_positives.count()));
            }
        }
    }
}
