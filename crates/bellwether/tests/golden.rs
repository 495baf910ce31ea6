//! Parity with the Python reference: `fixtures/golden.jsonl`, written by the training pipeline beside the model.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

mod engines;

use bellwether::{Category, Context, Mode, Runtime, TextView, Tokenizer};
use serde::Deserialize;

/// Both sides compute in f32 on the shipped weights.
const TOLERANCE: f32 = 1e-4;

/// How far a score may be from the reference's: one runtime rounds activations to integers.
fn encoder_tolerance(runtime: Runtime) -> f32 {
    if runtime == Runtime::Auto { 1e-3 } else { TOLERANCE }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    text: String,
    ids: Vec<u32>,
    windows: usize,
    scores: [f32; 5],
    student_scores: [f32; 5],
    gate_scores: [f32; 5],
    context: [f32; 4],
}

fn golden() -> Vec<Golden> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/golden.jsonl");
    let lines = std::fs::read_to_string(file).unwrap();
    lines.split('\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn ids_are_those_of_the_reference() {
    let path = engines::shipped_model().join("tokenizer.json");
    let tokenizer = Tokenizer::from_json(&std::fs::read(&path).unwrap(), &path).unwrap();
    for case in golden() {
        assert_eq!(tokenizer.encode(&TextView::new(&case.text)), case.ids, "{:?}", case.text);
    }
}

#[test]
fn scores_are_those_of_the_reference() {
    let cases = golden();
    assert!(cases.len() > 60);
    for classifier in engines::classifiers().iter().filter(|classifier| classifier.mode() == Mode::Encoder) {
        let tolerance = encoder_tolerance(classifier.runtime());
        for case in &cases {
            let result = classifier.classify(&case.text).unwrap();
            let place = format!("{} on {:?}", classifier.runtime(), case.text);
            assert_eq!(result.windows(), case.windows, "{place}");
            for (i, category) in Category::ALL.into_iter().enumerate() {
                let score = result.score(category).get();
                assert!((score - case.scores[i]).abs() <= tolerance, "{category} {score} {} {place}", case.scores[i]);
            }
            for (i, context) in Context::ALL.into_iter().enumerate() {
                let probability = result.context().get(context).get();
                assert!(
                    (probability - case.context[i]).abs() <= 10.0 * tolerance,
                    "{context} {probability} {} {place}",
                    case.context[i]
                );
            }
        }
    }
}

#[test]
fn scores_of_the_stages_before_it_are_those_of_the_reference() {
    for classifier in engines::classifiers() {
        let (scores_of, tolerance): (fn(&Golden) -> [f32; 5], _) = match classifier.mode() {
            Mode::Gate => (|case| case.gate_scores, TOLERANCE),
            Mode::Student => (|case| case.student_scores, encoder_tolerance(classifier.runtime())),
            Mode::Encoder | Mode::Cascade => continue,
        };
        for case in golden() {
            let result = classifier.classify(&case.text).unwrap();
            for (category, expected) in Category::ALL.into_iter().zip(scores_of(&case)) {
                let score = result.score(category).get();
                let place = format!("{} on {:?}", classifier.runtime(), case.text);
                assert!((score - expected).abs() <= tolerance, "{category} {score} {expected} {place}");
            }
        }
    }
}
