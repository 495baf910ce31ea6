//! The gate's own arithmetic against the runtimes that read the same ONNX model.

use proptest::prelude::*;

use super::graph;
use crate::stages::tests::{assert_computes_what_runtimes_do, assert_recognised_alone, onnx};

const GATE: &str = "gate.onnx";

#[test]
fn it_computes_what_the_runtimes_compute() {
    let gate = graph::convolution(&onnx(GATE)).unwrap();
    let vocabulary = u32::try_from(gate.tables.len()).unwrap();
    let ids = |length: std::ops::Range<usize>| prop::collection::vec(0..vocabulary, length);
    // Of any length, and of each length at which a stretch may begin or end.
    let windows = prop_oneof![
        ids(1..140),
        (0_usize..9, 0_usize..3).prop_flat_map(move |(blocks, more)| {
            let length = (16 * blocks + more).max(2) - 1;
            ids(length..length + 1)
        })
    ];
    assert_computes_what_runtimes_do(GATE, windows, 64, |ids| vec![gate.run(ids).unwrap()], 1e-3);
}

#[test]
fn it_refuses_ids_that_are_none() {
    let gate = graph::convolution(&onnx(GATE)).unwrap();
    let vocabulary = u32::try_from(gate.tables.len()).unwrap();
    for bad in [&[][..], &[0, vocabulary], &[u32::MAX]] {
        assert!(gate.run(bad).is_err(), "{bad:?}");
    }
    assert!(gate.run(&[vocabulary - 1]).is_ok());
}

#[test]
fn any_other_model_is_left_to_a_runtime() {
    // Another pooling, another order of the tables, another name: none of them is this graph.
    let changes = [("strides", "Strides"), ("tap1.int8", "tap9.int8"), ("image_shape", "image_shapf")];
    assert_recognised_alone(GATE, |onnx| graph::convolution(onnx).is_some(), &changes);
}
