//! The transformers' own arithmetic against the runtimes that read the same ONNX model, and against plain sums.

use proptest::prelude::*;
use pulp::x86::{V3, V4};

use super::graph;
use super::kernel::{Kernel, Vnni};
use super::linear::Linear;
use super::transformer::Transformer;
use crate::stages::WindowLogits;
use crate::stages::tests::{assert_computes_what_runtimes_do, assert_recognised_alone, onnx};

const NETWORKS: [&str; 2] = ["encoder.onnx", "student.onnx"];

fn transformer(network: &str) -> (Transformer, u32) {
    let transformer = graph::transformer(&onnx(network)).unwrap();
    let vocabulary = u32::try_from(transformer.words.scales.len()).unwrap();
    (transformer, vocabulary)
}

/// The logits by each set of instructions that this processor has.
fn run_on_every_kernel(transformer: &Transformer, ids: &[u32]) -> Vec<WindowLogits> {
    let avx2 = V3::try_new().map(|kernel| transformer.run(kernel, ids).unwrap());
    let avx512 = V4::try_new().map(|kernel| transformer.run(kernel, ids).unwrap());
    let vnni = Vnni::try_new().map(|kernel| transformer.run(kernel, ids).unwrap());
    avx2.into_iter().chain(avx512).chain(vnni).collect()
}

#[test]
fn it_computes_what_the_runtimes_compute() {
    for network in NETWORKS {
        let (transformer, vocabulary) = transformer(network);
        // Every length that ends a group of rows or columns otherwise, and any other.
        let lengths = prop_oneof![1_usize..20, 1_usize..=128];
        let windows = lengths.prop_flat_map(move |length| prop::collection::vec(0..vocabulary, length));
        // Words at random are further from what it was trained on, and rounding shows more, than in text.
        assert_computes_what_runtimes_do(network, windows, 24, |ids| run_on_every_kernel(&transformer, ids), 0.05);
    }
}

#[test]
fn it_refuses_ids_that_are_none_and_windows_that_are_too_long() {
    let Some(kernel) = V3::try_new() else { return };
    for network in NETWORKS {
        let (transformer, vocabulary) = transformer(network);
        for bad in [&[][..], &[0, vocabulary], &[u32::MAX], &[0; 129]] {
            assert!(transformer.run(kernel, bad).is_err(), "{network}: {bad:?}");
        }
        assert!(transformer.run(kernel, &[vocabulary - 1; 128]).is_ok());
    }
}

#[test]
fn any_other_model_is_left_to_a_runtime() {
    // Another activation, another weight, another head count: none of them is this graph.
    let changes = [("Gelu", "Relu"), ("layer1.output.weight", "layer0.output.weight"), ("split_heads", "split_headz")];
    for network in NETWORKS {
        assert_recognised_alone(network, |onnx| graph::transformer(onnx).is_some(), &changes);
    }
    // Words that need no projection, of a student that has one.
    assert_recognised_alone("student.onnx", |onnx| graph::transformer(onnx).is_some(), &[("word_projection", "word_projectiom")]);
}

/// Weights from bytes, each output's scale its number.
fn linear(inputs: usize, outputs: usize, weight: impl Fn(usize, usize) -> i8) -> Linear {
    let weights: Vec<u8> = (0..inputs)
        .flat_map(|input| (0..outputs).map(move |output| (input, output)))
        .map(|(i, o)| weight(i, o).to_ne_bytes()[0])
        .collect();
    let scales = (1..=outputs).map(|output| output as f32).collect();
    Linear::new(&weights, scales, vec![0.5; outputs]).unwrap()
}

#[test]
fn products_are_those_of_plain_sums() {
    let weight = |input: usize, output: usize| (((input * 37 + output * 101) % 255) as u8).cast_signed();
    for (inputs, outputs, tokens) in [(16, 16, 1), (32, 48, 5), (384, 16, 6), (1536, 32, 7), (64, 16, 13), (32, 80, 12)] {
        let linear = linear(inputs, outputs, weight);
        let x: Vec<f32> = (0..tokens * inputs).map(|i| ((i * 7919) % 1000) as f32 / 250.0 - 2.0).collect();
        every_kernel(&linear, &x, |found| {
            assert_eq!(found.len(), tokens * outputs);
            for (token, x) in x.chunks(inputs).enumerate() {
                for output in 0..outputs {
                    let terms = || (0..inputs).map(|input| f64::from(x[input]) * f64::from(weight(input, output)));
                    let expected = terms().sum::<f64>() * (output + 1) as f64 + 0.5;
                    // Half a step for each activation, and the steps are a 10,000th of the largest or finer.
                    let size = (0..inputs).map(|input| f64::from(weight(input, output)).abs()).sum::<f64>() * (output + 1) as f64;
                    let found = f64::from(found[token * outputs + output]);
                    assert!(
                        (found - expected).abs() < 2.0 * size * 1e-4,
                        "{inputs} {outputs} {token} {output}: {found} {expected}"
                    );
                }
            }
        });
    }
}

#[test]
fn the_largest_sums_do_not_overflow() {
    for (sign, inputs) in [(1, 4096), (-1, 4096), (1, 16)] {
        let linear = linear(inputs, 16, |_, _| 127 * sign);
        for largest in [1.0_f32, 1e30, 1e-30] {
            every_kernel(&linear, &vec![largest; inputs], |found| {
                for (output, &found) in found.iter().enumerate() {
                    let expected = f32::from(sign) * 127.0 * largest * inputs as f32 * (output + 1) as f32 + 0.5;
                    assert!((found / expected - 1.0).abs() < 1e-4, "{found} {expected}");
                }
            });
        }
    }
}

#[test]
fn what_is_no_number_stays_none_and_zeros_stay_zeros() {
    let linear = linear(32, 16, |_, _| 1);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut x = vec![1.0; 96];
        x[40] = bad;
        every_kernel(&linear, &x, |found| {
            assert!(found[..16].iter().chain(&found[32..]).all(|value| value.is_finite()));
            assert!(found[16..32].iter().all(|value| value.is_nan()), "{bad}: {found:?}");
        });
    }
    every_kernel(&linear, &[0.0; 32], |found| assert!(found.iter().all(|value| value.to_bits() == 0.5_f32.to_bits())));
}

fn every_kernel(linear: &Linear, x: &[f32], check: impl Fn(&[f32])) {
    fn apply(kernel: impl Kernel, linear: &Linear, x: &[f32], check: impl Fn(&[f32])) {
        let mut found = vec![f32::NAN; 3];
        linear.apply(kernel, x, &mut found);
        check(&found);
    }
    if let Some(kernel) = V3::try_new() {
        apply(kernel, linear, x, &check);
    }
    if let Some(kernel) = V4::try_new() {
        apply(kernel, linear, x, &check);
    }
    if let Some(kernel) = Vnni::try_new() {
        apply(kernel, linear, x, &check);
    }
}
