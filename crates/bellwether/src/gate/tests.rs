//! The gate's own arithmetic against the runtimes that read the same ONNX model.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::graph;
use crate::engine::{self, Runtime};
use crate::stages::run;

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small/gate.onnx");

fn onnx() -> Vec<u8> {
    fs::read(MODEL).unwrap()
}

#[test]
fn it_computes_what_the_runtimes_compute() {
    let gate = graph::convolution(&onnx()).unwrap();
    let vocabulary = u32::try_from(gate.tables.len()).unwrap();
    let engines: Vec<_> = [Runtime::Rten, Runtime::Ort]
        .into_iter()
        .filter_map(|runtime| match engine::load(runtime, Path::new(MODEL), onnx(), NonZeroUsize::MIN) {
            Ok(engine) => Some(engine),
            Err(error) if error.is_runtime_unavailable() => None,
            Err(error) => panic!("{error}"),
        })
        .collect();
    assert!(!engines.is_empty());
    let ids = |length: std::ops::Range<usize>| prop::collection::vec(0..vocabulary, length);
    // Of any length, and of each length at which a stretch may begin or end.
    let cases = prop_oneof![
        ids(1..140),
        (0_usize..9, 0_usize..3).prop_flat_map(move |(blocks, more)| {
            let length = (16 * blocks + more).max(2) - 1;
            ids(length..length + 1)
        })
    ];
    proptest!(ProptestConfig::with_cases(64), |(ids in cases)| {
        let own = gate.run(&ids).unwrap();
        for engine in &engines {
            let theirs = run(engine.as_ref(), &ids).unwrap();
            for (a, b) in own.labels.iter().chain(&own.context).zip(theirs.labels.iter().chain(&theirs.context)) {
                prop_assert!((a - b).abs() < 1e-3, "{} says {b}, not {a}, of {ids:?}", engine.runtime());
            }
        }
    });
}

#[test]
fn it_refuses_ids_that_are_none() {
    let gate = graph::convolution(&onnx()).unwrap();
    let vocabulary = u32::try_from(gate.tables.len()).unwrap();
    for bad in [&[][..], &[0, vocabulary], &[u32::MAX]] {
        assert!(gate.run(bad).is_err(), "{bad:?}");
    }
    assert!(gate.run(&[vocabulary - 1]).is_ok());
}

#[test]
fn any_other_model_is_left_to_a_runtime() {
    let sound = onnx();
    let other: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../fixtures/engine/tiny.onnx"].iter().collect();
    assert!(graph::convolution(&fs::read(other).unwrap()).is_none());
    assert!(graph::convolution(b"not a model").is_none());
    assert!(graph::convolution(&sound[..sound.len() - 100_000]).is_none());
    // The same model with another pooling, another order of the tables, another name: none of them is this graph.
    for (from, to) in [("strides", "Strides"), ("tap1.int8", "tap9.int8"), ("image_shape", "image_shapf")] {
        let mut changed = sound.clone();
        let at = changed.windows(from.len()).position(|bytes| bytes == from.as_bytes()).unwrap();
        changed[at..at + to.len()].copy_from_slice(to.as_bytes());
        assert!(graph::convolution(&changed).is_none(), "{from}");
    }
}
