//! One table of cases, run over every engine this machine has.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Once;
use std::thread;

use ndarray::Array2;
use rayon::prelude::*;

use super::*;
use crate::Error;

fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../fixtures/engine", name].iter().collect()
}

fn try_load(runtime: Runtime, name: &str, sessions: usize) -> Result<Box<dyn Engine>> {
    let path = fixture(name);
    let bytes = fs::read(&path).unwrap();
    load(runtime, &path, bytes, NonZeroUsize::new(sessions).unwrap())
}

/// Every runtime with an engine of its own that can be had here. `BELLWETHER_REQUIRE_ORT=1` makes it an error to lack one.
pub(crate) fn runtimes() -> Vec<Runtime> {
    match ort_library::library() {
        Ok(_) => vec![Runtime::Rten, Runtime::Ort],
        Err(error) if std::env::var_os("BELLWETHER_REQUIRE_ORT").is_some_and(|v| v == "1") => {
            panic!("{error}")
        }
        Err(error) => {
            // Not `eprintln!`, which the test harness would keep to itself.
            static TOLD: Once = Once::new();
            TOLD.call_once(|| drop(writeln!(std::io::stderr(), "SKIPPED for ort: {error}")));
            vec![Runtime::Rten]
        }
    }
}

fn ids(ids: &[i64]) -> Array2<i64> {
    Array2::from_shape_vec((1, ids.len()), ids.to_vec()).unwrap()
}

fn assert_close(found: &Array2<f32>, expected: &Array2<f32>) {
    assert_eq!(found.dim(), expected.dim());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < 1e-4, "{found} is not {expected}");
    }
}

#[test]
fn outputs_are_those_of_the_reference_evaluator() {
    let json = fs::read_to_string(fixture("tiny.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let row = |key: &str| -> Array2<f32> {
        let row: Vec<f32> = serde_json::from_value(json[key].clone()).unwrap();
        Array2::from_shape_vec((1, row.len()), row).unwrap()
    };
    let input: Vec<i64> = serde_json::from_value(json["input_ids"].clone()).unwrap();
    for runtime in runtimes() {
        let engine = try_load(runtime, "tiny.onnx", 1).unwrap();
        let found = engine.run(ids(&input).view()).unwrap();
        assert_close(&found.labels, &row("logits"));
        assert_close(&found.context, &row("context_logits"));
        assert_eq!(engine.runtime(), runtime);
        assert!(!engine.description().is_empty());
    }
}

#[test]
fn engines_agree_at_every_length() {
    let engines: Vec<_> = runtimes().into_iter().map(|runtime| try_load(runtime, "tiny.onnx", 1).unwrap()).collect();
    for length in [1, 2, 3, 17, 100] {
        let input = ids(&(0..length).map(|i| i * 7 % 16).collect::<Vec<_>>());
        let found: Vec<_> = engines.iter().map(|engine| engine.run(input.view()).unwrap()).collect();
        for other in &found[1..] {
            assert_close(&other.labels, &found[0].labels);
            assert_close(&other.context, &found[0].context);
        }
    }
}

#[test]
fn unusable_models_are_refused_with_the_reason() {
    let cases = [
        ("four_labels.onnx", "it has 4 label outputs, this version needs 5 (radicalization, "),
        ("wrong_names.onnx", "its inputs are (tokens)"),
        ("external_data.onnx", "\"dense_int8\" is kept in another file"),
    ];
    for runtime in runtimes() {
        for (name, reason) in cases {
            let error = try_load(runtime, name, 1).err().unwrap();
            assert_eq!(error.path(), Some(&*fixture(name)), "{runtime} {name}: {error}");
            assert!(error.to_string().contains(reason), "{runtime} {name}: {error}");
        }
    }
}

#[test]
fn damaged_bytes_are_refused_without_a_panic() {
    let path = fixture("tiny.onnx");
    let sound = fs::read(&path).unwrap();
    let mut damaged: Vec<Vec<u8>> = vec![Vec::new(), b"not a model".to_vec(), vec![0xff; 4096]];
    damaged.extend((1..16).map(|part| sound[..sound.len() * part / 16].to_vec()));
    for runtime in runtimes() {
        for bytes in &damaged {
            let error = load(runtime, &path, bytes.clone(), NonZeroUsize::MIN).err().unwrap();
            assert!(error.is_model_damaged(), "{runtime}, {} bytes: {error}", bytes.len());
        }
    }
}

#[test]
fn ids_that_are_none_are_refused_and_the_engine_goes_on() {
    let expected = try_load(Runtime::Rten, "tiny.onnx", 1).unwrap();
    let expected = expected.run(ids(&[0, 3, 2]).view()).unwrap();
    for runtime in runtimes() {
        let engine = try_load(runtime, "tiny.onnx", 1).unwrap();
        for bad in [&[][..], &[0, -1, 2], &[0, 16, 2], &[0, i64::MAX], &[i64::from(i32::MAX) + 1]] {
            let error: Error = engine.run(ids(bad).view()).unwrap_err();
            assert!(!error.is_model_damaged(), "{runtime} {bad:?}: {error}");
        }
        let two_rows = Array2::<i64>::zeros((2, 3));
        assert!(engine.run(two_rows.view()).is_err());
        assert_close(&engine.run(ids(&[0, 3, 2]).view()).unwrap().labels, &expected.labels);
    }
}

#[test]
fn four_threads_on_one_engine_get_the_same_result_with_any_number_of_sessions() {
    for runtime in runtimes() {
        for sessions in [1, 2, 8] {
            let engine = try_load(runtime, "tiny.onnx", sessions).unwrap();
            let input = ids(&[0, 9, 4, 4, 1, 2]);
            let expected = engine.run(input.view()).unwrap();
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for _ in 0..25 {
                            assert_eq!(engine.run(input.view()).unwrap(), expected);
                        }
                    });
                }
            });
        }
    }
}

#[test]
fn a_rayon_worker_that_waits_for_a_run_does_not_start_another_inside_it() {
    for runtime in runtimes() {
        let engine = try_load(runtime, "tiny.onnx", 1).unwrap();
        let input = ids(&[0, 9, 4, 4, 1, 2]);
        let expected = engine.run(input.view()).unwrap();
        let workers = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        workers.install(|| {
            (0..200).into_par_iter().for_each(|_| assert_eq!(engine.run(input.view()).unwrap(), expected));
        });
    }
}

#[test]
fn runtimes_are_read_as_they_are_written() {
    for runtime in Runtime::ALL {
        assert_eq!(runtime.to_string().parse(), Ok(runtime));
        assert_eq!(serde_json::to_value(runtime).unwrap(), runtime.name());
    }
    let error = "onnx".parse::<Runtime>().unwrap_err().to_string();
    assert!(error.contains("\"onnx\"") && error.contains("rten") && error.contains("ort"));
}
