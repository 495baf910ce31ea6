//! A product of activations with a matrix of int8 weights, in integers.

#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vector instructions")]

use super::kernel::{COLUMNS, Kernel, PANELS, ROWS};

/// A matrix and a bias.
///
/// Its weights are the model's own int8, one scale an output. Activations are rounded to integers of up to 16 bits, one scale a
/// token, which moves a score in its fourth decimal; products of integers take less time than those of floats. Sums are exact.
pub(super) struct Linear {
    inputs: usize,
    /// The largest integer that an activation is rounded to: with it in all places no sum leaves 32 bits.
    limit: i16,
    /// For each [`COLUMNS`] outputs, for each pair of inputs, the pair's weights of each output.
    panels: Vec<[[u8; 2]; COLUMNS]>,
    scales: Vec<f32>,
    bias: Vec<f32>,
}

/// Activations of all tokens, rounded.
pub(super) struct Rounded {
    /// For each [`ROWS`] tokens, for each pair of inputs, the pair's values of each token.
    groups: Vec<[[i16; 2]; ROWS]>,
    /// For each token the factor that turns its integers back.
    scales: Vec<f32>,
}

impl Linear {
    /// Takes over weights `[inputs, outputs]`, an int8 in each byte; none if there are too many or too few inputs or outputs for
    /// the kernel.
    pub(super) fn new(weights: &[u8], scales: Vec<f32>, bias: Vec<f32>) -> Option<Self> {
        let outputs = scales.len();
        let is_possible = outputs > 0 && outputs.is_multiple_of(COLUMNS) && bias.len() == outputs && !weights.is_empty();
        let inputs = is_possible.then(|| weights.len() / outputs)?;
        if !inputs.is_multiple_of(COLUMNS) || inputs * outputs != weights.len() {
            return None;
        }
        let mut sums = vec![0_u32; outputs];
        for weights in weights.chunks_exact(outputs) {
            sums.iter_mut()
                .zip(weights)
                .for_each(|(sum, &weight)| *sum = sum.saturating_add(i8::from_ne_bytes([weight]).unsigned_abs().into()));
        }
        let limit = i32::MAX.unsigned_abs() / sums.into_iter().max()?.max(1);
        let limit = i16::try_from(limit).unwrap_or(i16::MAX);
        let weight = |input: usize, output: usize| weights[input * outputs + output];
        let mut panels = Vec::with_capacity(weights.len() / (2 * COLUMNS));
        for first in (0..outputs).step_by(COLUMNS) {
            for input in (0..inputs).step_by(2) {
                panels.push(std::array::from_fn(|i| [weight(input, first + i), weight(input + 1, first + i)]));
            }
        }
        Some(Self { inputs, limit, panels, scales, bias })
    }

    pub(super) fn outputs(&self) -> usize {
        self.scales.len()
    }

    /// Rounds activations `[tokens, inputs]`, multiplies, and puts the result, `[tokens, outputs]`, in the place of what `to` holds.
    pub(super) fn apply(&self, kernel: impl Kernel, x: &[f32], to: &mut Vec<f32>) {
        let rounded = kernel.vectorize(
            #[inline(always)]
            || Rounded::new(x, self.inputs, self.limit.into()),
        );
        to.clear();
        to.resize(rounded.scales.len() * self.outputs(), 0.0);
        kernel.vectorize(
            #[inline(always)]
            || self.multiply(kernel, &rounded, to),
        );
    }

    #[inline(always)]
    fn multiply(&self, kernel: impl Kernel, x: &Rounded, to: &mut [f32]) {
        let outputs = self.outputs();
        let pairs = self.inputs / 2;
        for (together, weights) in self.panels.chunks(PANELS * pairs).enumerate() {
            // Where a panel is missing at the end, the last one is there again.
            let last = weights.len() / pairs - 1;
            let panels = std::array::from_fn(|panel| &weights[panel.min(last) * pairs..][..pairs]);
            for (group, values) in x.groups.chunks_exact(pairs).enumerate() {
                let products = kernel.integer_products(values, panels);
                for (panel, sums) in products.into_iter().enumerate().take(last + 1) {
                    let first = (together * PANELS + panel) * COLUMNS;
                    let (scales, bias) = (&self.scales[first..][..COLUMNS], &self.bias[first..][..COLUMNS]);
                    let tokens = x.scales.iter().enumerate().skip(group * ROWS).take(ROWS);
                    for ((token, token_scale), sums) in tokens.zip(sums) {
                        let to = &mut to[token * outputs + first..][..COLUMNS];
                        for i in 0..COLUMNS {
                            to[i] = sums[i] as f32 * (token_scale * scales[i]) + bias[i];
                        }
                    }
                }
            }
        }
    }
}

impl Rounded {
    #[inline(always)]
    fn new(x: &[f32], inputs: usize, limit: f32) -> Self {
        /// Added to a float of less than 2^22, it leaves the float's nearest integer in the lowest bits.
        const INTEGER: f32 = (3_u32 << 22) as f32;
        let tokens = x.len() / inputs;
        let pairs = inputs / 2;
        let mut groups = vec![[[0; 2]; ROWS]; tokens.div_ceil(ROWS) * pairs];
        let mut scales = Vec::with_capacity(tokens);
        for (token, x) in x.chunks_exact(inputs).enumerate() {
            let (chunks, _) = x.as_chunks::<COLUMNS>();
            let mut largest = [0.0_f32; COLUMNS];
            // Zero, or not a number if any activation is infinite or none: no integer could tell.
            let mut fault = [0.0_f32; COLUMNS];
            for chunk in chunks {
                for i in 0..COLUMNS {
                    let magnitude = chunk[i].abs();
                    largest[i] = if magnitude > largest[i] { magnitude } else { largest[i] };
                    fault[i] += chunk[i] * 0.0;
                }
            }
            let largest = largest.into_iter().fold(0.0, f32::max);
            let factor = if largest > 0.0 { limit / largest } else { 0.0 };
            scales.push(largest / limit + fault.iter().sum::<f32>());
            let group = &mut groups[token / ROWS * pairs..][..pairs];
            let row = token % ROWS;
            for (chunk, group) in chunks.iter().zip(group.as_chunks_mut::<{ COLUMNS / 2 }>().0) {
                let rounded: [i16; COLUMNS] = chunk.map(|x| (x * factor + INTEGER).to_bits() as i16);
                let (rounded, _) = rounded.as_chunks::<2>();
                for (to, &pair) in group.iter_mut().zip(rounded) {
                    to[row] = pair;
                }
            }
        }
        Self { groups, scales }
    }
}
