//! What a classifier promises of its results, over every runtime of this machine and every mode.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

mod engines;

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use bellwether::{Category, Classification, Classifier, Context, Mode, Profile, Runtime, Stage};
use proptest::prelude::*;
use rayon::prelude::*;
use serde::Deserialize;

static CLASSIFIERS: LazyLock<Vec<Classifier>> = LazyLock::new(engines::classifiers);

/// The classifier of a mode as it is if no runtime is asked for.
fn embedded(mode: Mode) -> &'static Classifier {
    CLASSIFIERS.iter().find(|classifier| classifier.mode() == mode && classifier.runtime() == Runtime::default()).unwrap()
}

#[derive(Deserialize)]
struct Fixture {
    text: String,
    labels: Vec<Category>,
}

fn fixtures() -> Vec<Fixture> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/documents.jsonl");
    std::fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Scores of two runs that may differ in rounding, labels that may not.
fn assert_same(a: &Classification, b: &Classification, tolerance: f32) {
    for category in Category::ALL {
        let (a, b) = (a.score(category).get(), b.score(category).get());
        assert!((a - b).abs() <= tolerance, "{category}: {a} and {b}");
    }
    for context in Context::ALL {
        assert!((a.context().get(context).get() - b.context().get(context).get()).abs() <= tolerance, "{context}");
    }
    assert_eq!(a.labels(), b.labels());
    assert_eq!((a.windows(), a.coverage(), a.stage()), (b.windows(), b.coverage(), b.stage()));
}

#[test]
fn engines_agree_on_the_fixtures() {
    for mode in Mode::ALL {
        let first = embedded(mode);
        for fixture in fixtures() {
            let expected = first.classify(&fixture.text).unwrap();
            for other in CLASSIFIERS.iter().filter(|other| other.mode() == mode && other.runtime() != first.runtime()) {
                assert_same(&expected, &other.classify(&fixture.text).unwrap(), 1e-3);
            }
        }
    }
}

#[test]
fn what_computed_is_told() {
    #[cfg(target_arch = "x86_64")]
    let has_own_encoder = std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    let has_own_encoder = false;
    for classifier in &*CLASSIFIERS {
        let encoder = match classifier.runtime() {
            Runtime::Ort => "ONNX Runtime ",
            Runtime::Auto if has_own_encoder => "bellwether ",
            _ => "rten ",
        };
        let description = classifier.runtime_description();
        let parts: Vec<&str> = description.split(", ").collect();
        match classifier.mode() {
            Mode::Gate => assert!(parts.len() == 1 && parts[0].starts_with("bellwether "), "{description}"),
            Mode::Encoder => assert!(parts[0].starts_with(encoder), "{description} on {}", classifier.runtime()),
            Mode::Cascade | Mode::Student => {
                assert!(
                    parts[0].starts_with("bellwether ") && parts.iter().any(|part| part.starts_with(encoder)),
                    "{description}"
                );
            }
        }
    }
}

#[test]
fn the_cascade_is_the_first_stage_that_sees_no_cause_for_the_next() {
    let mut stages = [0, 0, 0];
    let dull = [
        "The bus was late.",
        "Bring the novel on Tuesday.",
        "天气预报：明天多云。",
        "Le marché ouvre à huit heures.",
        "I love how this game looks on my new monitor, the colours are so nice.",
        "The hotel was clean, the staff friendly, breakfast had fruit and eggs, and the pool was warm. We would stay there again.",
    ];
    for text in fixtures().iter().map(|fixture| fixture.text.as_str()).chain(dull) {
        let [cascade, encoder, student, gate] =
            [Mode::Cascade, Mode::Encoder, Mode::Student, Mode::Gate].map(|mode| embedded(mode).classify(text).unwrap());
        if gate.labels().is_empty() {
            assert_eq!(cascade, gate, "{text:?}");
            stages[0] += 1;
        } else if cascade.windows() == 1 {
            let (last, count) = if student.labels().is_empty() { (student, 1) } else { (encoder, 2) };
            assert_eq!(cascade, last, "{text:?}");
            stages[count] += 1;
        }
    }
    assert!(stages.iter().all(|&count| count > 0), "one of the three never happened: {stages:?}");
}

#[test]
fn a_window_that_was_turned_down_adds_nothing() {
    let [cascade, encoder] = [Mode::Cascade, Mode::Encoder].map(embedded);
    let harm = fixtures().into_iter().find(|fixture| fixture.labels == [Category::Fundraising]).unwrap().text;
    let page = "The garden plan was put to a vote, and the benches were painted green. ".repeat(30);
    let text = format!("{page}{harm} {page}");
    let [cascade, encoder] = [cascade, encoder].map(|classifier| classifier.classify(&text).unwrap());
    assert_eq!(cascade.windows(), encoder.windows());
    if cascade.stage() == Stage::Encoder {
        for category in Category::ALL {
            assert!(cascade.score(category) <= encoder.score(category), "{category}");
        }
    }
}

/// What the shipped model reaches on the fixtures at `balanced`; a model that does worse needs a reason.
const POSITIVES_WITH_THEIR_LABEL: usize = 30;
const TWINS_WITH_ANY_LABEL: usize = 5;

#[test]
fn the_obvious_is_flagged_and_its_twin_is_not() {
    let classifier = embedded(Mode::Encoder);
    let (twins, positives): (Vec<_>, Vec<_>) = fixtures().into_iter().partition(|fixture| fixture.labels.is_empty());
    let labels = |fixture: &Fixture| classifier.classify(&fixture.text).unwrap().labels().to_vec();
    let hits = positives.iter().filter(|fixture| fixture.labels.iter().all(|label| labels(fixture).contains(label))).count();
    let false_alarms = twins.iter().filter(|twin| !labels(twin).is_empty()).count();
    println!("{hits} of {} positives, {false_alarms} of {} twins", positives.len(), twins.len());
    assert!(hits >= POSITIVES_WITH_THEIR_LABEL, "{hits} of {} positives have their label", positives.len());
    assert!(false_alarms <= TWINS_WITH_ANY_LABEL, "{false_alarms} of {} twins are flagged", twins.len());
}

#[test]
fn a_result_is_whole() {
    let text = "The choir sings on Thursdays. ".repeat(60);
    for classifier in CLASSIFIERS.iter() {
        let result = classifier.classify(&text).unwrap();
        assert!(result.windows() > 1);
        assert_eq!(result.coverage().get().to_bits(), 1.0_f32.to_bits());
        match classifier.mode() {
            Mode::Encoder => assert_eq!(result.stage(), Stage::Encoder),
            Mode::Student => assert_eq!(result.stage(), Stage::Student),
            Mode::Gate => assert_eq!(result.stage(), Stage::Gate),
            Mode::Cascade => {}
        }
        let sum: f32 = Context::ALL.iter().map(|&context| result.context().get(context).get()).sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
        assert!(classifier.classify(" \u{200B}\n").unwrap_err().is_empty_text());
    }
}

#[test]
fn json_names_are_stable() {
    for classifier in CLASSIFIERS.iter() {
        let result =
            classifier.classify("The brothers of the Hill Front need money for weapons. Send it to @stand.in77").unwrap();
        let json = serde_json::to_value(&result).unwrap();
        let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected = ["scores", "labels", "context", "stage", "coverage", "windows", "evidence"];
        expected.sort_unstable();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected);
        assert_eq!(json["scores"].as_object().unwrap().len(), Category::COUNT);
        assert_eq!(json["context"].as_object().unwrap().len(), Context::COUNT);
        let stage = match result.stage() {
            Stage::Gate => "gate",
            Stage::Student => "student",
            Stage::Encoder => "encoder",
        };
        assert_eq!(json["stage"], stage);
        assert_eq!(serde_json::from_value::<Classification>(json).unwrap(), result);
    }
}

#[test]
fn labels_follow_the_profile() {
    let open = |profile| Classifier::builder().mode(Mode::Encoder).profile(profile).open(engines::shipped_model()).unwrap();
    for profile in Profile::ALL {
        let classifier = open(profile);
        let point = classifier.operating_point();
        for fixture in fixtures().iter().step_by(7) {
            let result = classifier.classify(&fixture.text).unwrap();
            for (category, score) in result.scores().iter() {
                let may_have_labels = result.context().get(Context::Advocacy) >= point.advocacy();
                assert_eq!(result.labels().contains(&category), may_have_labels && score >= point.threshold(category));
            }
            for (evidence, &label) in result.evidence().iter().zip(result.labels()) {
                assert_eq!((evidence.label, evidence.score), (label, result.score(label)));
                assert!(fixture.text.get(evidence.range()).is_some_and(|part| !part.is_empty()));
            }
        }
    }
}

#[test]
fn max_windows_bounds_what_is_read() {
    let text = "The garden plan was put to a vote. ".repeat(200);
    let limit = NonZeroUsize::new(2).unwrap();
    let result = Classifier::builder().max_windows(limit).open(engines::shipped_model()).unwrap().classify(&text).unwrap();
    assert_eq!(result.windows(), 2);
    assert!(result.coverage().get() > 0.0 && result.coverage().get() < 0.5);
}

#[test]
fn threads_change_nothing() {
    let texts: Vec<_> = fixtures().into_iter().map(|fixture| fixture.text).take(24).collect();
    for classifier in CLASSIFIERS.iter() {
        let alone: Vec<_> = texts.iter().map(|text| classifier.classify(text).unwrap()).collect();
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let together: Vec<_> = pool.install(|| texts.par_iter().map(|text| classifier.classify(text).unwrap()).collect());
            assert_eq!(alone, together, "{} with {threads} threads", classifier.runtime());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn order_and_company_change_nothing(mut texts in prop::collection::vec("[\\PC ]{1,80}[a-zа-я]", 2..6), turn in 0usize..6) {
        for classifier in CLASSIFIERS.iter() {
            let alone: Vec<_> = texts.iter().map(|text| classifier.classify(text).unwrap()).collect();
            let together = classifier.classify_many(texts.iter().map(String::as_str)).unwrap();
            prop_assert_eq!(&alone, &together);
            let turn = turn % texts.len();
            texts.rotate_left(turn);
            let mut turned = classifier.classify_many(texts.iter().map(String::as_str)).unwrap();
            turned.rotate_right(turn);
            texts.rotate_right(turn);
            prop_assert_eq!(&alone, &turned);
        }
    }

    #[test]
    fn any_text_is_scored_or_empty(text in "\\PC{0,200}") {
        for classifier in CLASSIFIERS.iter() {
            match classifier.classify(&text) {
                Ok(result) => {
                    for evidence in result.evidence() {
                        prop_assert!(text.get(evidence.range()).is_some());
                    }
                }
                Err(error) => prop_assert!(error.is_empty_text(), "{}", error),
            }
        }
    }
}
