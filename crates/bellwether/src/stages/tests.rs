//! What the arithmetic of the stages is held to: the runtimes that read the same ONNX model, and that it knows no other.

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use proptest::prelude::*;

use super::{WindowLogits, run};
use crate::engine;

fn path(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../..", file].iter().collect()
}

/// A network of the shipped model.
pub(crate) fn onnx(network: &str) -> Vec<u8> {
    fs::read(path("models/multilingual-small").join(network)).unwrap()
}

/// Holds the logits that `own` gives of windows, in one way or in several, to those of every runtime that can be had here.
pub(crate) fn assert_computes_what_runtimes_do(
    network: &str,
    windows: impl Strategy<Value = Vec<u32>>,
    count: u32,
    own: impl Fn(&[u32]) -> Vec<WindowLogits>,
    tolerance: f32,
) {
    let load = |runtime| engine::load(runtime, &path(network), onnx(network), NonZeroUsize::MIN).unwrap();
    let engines: Vec<_> = engine::tests::runtimes().into_iter().map(load).collect();
    proptest!(ProptestConfig::with_cases(count), |(ids in windows)| {
        for engine in &engines {
            let theirs = run(engine.as_ref(), &ids).unwrap();
            for own in own(&ids) {
                for (a, b) in own.labels.iter().chain(&own.context).zip(theirs.labels.iter().chain(&theirs.context)) {
                    prop_assert!((a - b).abs() < tolerance, "{} says {b}, not {a}, of {ids:?}", engine.runtime());
                }
            }
        }
    });
}

/// Sees that a network is recognised, and that no other is: no other model, no damaged one, and not this one with any of `changes`, names
/// in it that become others of the same length.
pub(crate) fn assert_recognised_alone(network: &str, is_recognised: impl Fn(&[u8]) -> bool, changes: &[(&str, &str)]) {
    let sound = onnx(network);
    assert!(is_recognised(&sound));
    assert!(!is_recognised(&fs::read(path("fixtures/engine/tiny.onnx")).unwrap()));
    assert!(!is_recognised(b"not a model"));
    assert!(!is_recognised(&sound[..sound.len() - 100_000]));
    for (from, to) in changes {
        let mut other = sound.clone();
        let at = other.windows(from.len()).position(|bytes| bytes == from.as_bytes()).unwrap();
        other[at..at + to.len()].copy_from_slice(to.as_bytes());
        assert!(!is_recognised(&other), "{from}");
    }
}
