//! A dense layer, of several inputs at a time.

#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vector instructions")]

use rten_simd::Isa;
use rten_simd::ops::{BitOps, NumOps};

/// Outputs that are computed together: the widest vector there is.
pub(super) const PANEL: usize = 16;

/// Weights and biases of `PANELS` times [`PANEL`] outputs.
///
/// The weights of a panel lie together, so that they stay in the nearest cache while all inputs are read, and each input's in one line
/// of it.
#[repr(align(64))]
pub(super) struct Layer<const INPUTS: usize, const PANELS: usize> {
    weights: [[[f32; PANEL]; INPUTS]; PANELS],
    biases: [[f32; PANEL]; PANELS],
}

impl<const INPUTS: usize, const PANELS: usize> Layer<INPUTS, PANELS> {
    /// Takes a matrix by its rows, one an input, and a bias an output; none if they do not fit. Outputs past these are zero.
    pub(super) fn new(rows: &[f32], biases: &[f32]) -> Option<Self> {
        let outputs = biases.len();
        if outputs == 0 || outputs > PANELS * PANEL || rows.len() != INPUTS * outputs {
            return None;
        }
        let mut layer = Self { weights: [[[0.0; PANEL]; INPUTS]; PANELS], biases: [[0.0; PANEL]; PANELS] };
        for (output, &bias) in biases.iter().enumerate() {
            let (panel, place) = (output / PANEL, output % PANEL);
            layer.biases[panel][place] = bias;
            for (weights, row) in layer.weights[panel].iter_mut().zip(rows.chunks_exact(outputs)) {
                weights[place] = row[output];
            }
        }
        Some(layer)
    }

    /// The outputs of each of some inputs, by panels; `outputs` is as long as `inputs`.
    #[inline(always)]
    pub(super) fn run<I: Isa>(&self, isa: I, inputs: &[[f32; INPUTS]], outputs: &mut [[[f32; PANEL]; PANELS]]) {
        // As many vectors as a panel takes, a constant of the instructions; and as many inputs together as make enough sums to wait
        // for none, and few enough for the registers. A full window has nine stretches.
        match isa.f32().len() {
            PANEL => self.run_in_vectors::<I, 1, 10>(isa, inputs, outputs),
            8 => self.run_in_vectors::<I, 2, 5>(isa, inputs, outputs),
            _ => self.run_in_vectors::<I, 4, 3>(isa, inputs, outputs),
        }
    }

    #[inline(always)]
    fn run_in_vectors<I: Isa, const VECTORS: usize, const TOGETHER: usize>(
        &self,
        isa: I,
        inputs: &[[f32; INPUTS]],
        outputs: &mut [[[f32; PANEL]; PANELS]],
    ) {
        let ops = isa.f32();
        for (panel, (weights, biases)) in self.weights.iter().zip(&self.biases).enumerate() {
            for (inputs, outputs) in inputs.chunks(TOGETHER).zip(outputs.chunks_mut(TOGETHER)) {
                // What is missing in the last group is the last one again.
                let inputs: [&[f32; INPUTS]; TOGETHER] = std::array::from_fn(|i| &inputs[i.min(inputs.len() - 1)]);
                let biases: [I::F32; VECTORS] = ops.load_many(biases);
                let mut sums = [biases; TOGETHER];
                for (i, weights) in weights.iter().enumerate() {
                    let weights: [I::F32; VECTORS] = ops.load_many(weights);
                    for (sums, input) in sums.iter_mut().zip(inputs) {
                        let value = ops.splat(input[i]);
                        for (sum, weights) in sums.iter_mut().zip(weights) {
                            *sum = ops.mul_add(weights, value, *sum);
                        }
                    }
                }
                for (outputs, sums) in outputs.iter_mut().zip(sums) {
                    for (outputs, sum) in outputs[panel].chunks_mut(ops.len()).zip(sums) {
                        ops.store(sum, outputs);
                    }
                }
            }
        }
    }
}
