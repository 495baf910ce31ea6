//! The arithmetic of the encoder and the student: BERT layers (Devlin et al. 2019) over word vectors, mean pooling, two heads.

#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vector instructions")]

use rten_simd::SimdUnaryOp;
use rten_vecmath::Gelu;

use super::attention::Heads;
use super::kernel::Kernel;
use super::linear::Linear;
use crate::error::{ErrorKind, Result};
use crate::stages::WindowLogits;
use crate::{Category, Context};

/// A transformer over words.
pub(super) struct Transformer {
    pub(super) words: Words,
    /// A vector for each place of a window.
    pub(super) positions: Vec<f32>,
    pub(super) embedding_norm: Normalisation,
    pub(super) heads: Heads,
    pub(super) layers: Vec<Layer>,
    /// For each feature its weight in each label's logit.
    pub(super) labels: Vec<f32>,
    pub(super) labels_bias: [f32; Category::COUNT],
    /// For each feature its weight in each context's logit.
    pub(super) context: Vec<f32>,
    pub(super) context_bias: [f32; Context::COUNT],
}

/// A vector for each token id.
pub(super) struct Words {
    /// An int8 in each byte.
    pub(super) entries: Vec<u8>,
    /// One a token.
    pub(super) scales: Vec<f32>,
    /// Makes vectors as long as the hidden features, where they are not.
    pub(super) projection: Option<Linear>,
}

/// A layer that normalises behind each of its two parts.
pub(super) struct Layer {
    pub(super) query_key_value: Linear,
    pub(super) attention_output: Linear,
    pub(super) attention_norm: Normalisation,
    pub(super) intermediate: Linear,
    pub(super) output: Linear,
    pub(super) output_norm: Normalisation,
}

/// Layer normalisation (Ba et al. 2016).
pub(super) struct Normalisation {
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
    pub(super) epsilon: f32,
}

impl Transformer {
    /// The logits of a window; a window without tokens, with more than there are positions, or with ids that have no vector, is an
    /// error.
    pub(super) fn run(&self, kernel: impl Kernel, ids: &[u32]) -> Result<WindowLogits> {
        let fail = |detail: String| Err(ErrorKind::Network { detail }.into());
        let hidden = self.hidden();
        if ids.is_empty() {
            return fail("there is no token to run it on".into());
        }
        if ids.len() > self.positions.len() / hidden {
            return fail(format!("a window of {} tokens has more than it has positions", ids.len()));
        }
        if let Some(id) = ids.iter().find(|&&id| id as usize >= self.words.scales.len()) {
            return fail(format!("{id} is not a token id"));
        }

        let mut x = self.words.of(kernel, ids);
        self.embedding_norm.add_and_apply(kernel, &mut x, &self.positions[..ids.len() * hidden]);
        let (mut joint, mut mixed, mut part) = (Vec::new(), Vec::new(), Vec::new());
        for layer in &self.layers {
            layer.query_key_value.apply(kernel, &x, &mut joint);
            self.heads.attend(kernel, &joint, &mut mixed);
            layer.attention_output.apply(kernel, &mixed, &mut part);
            layer.attention_norm.add_and_apply(kernel, &mut x, &part);
            layer.intermediate.apply(kernel, &x, &mut joint);
            Gelu {}.map_mut(&mut joint);
            layer.output.apply(kernel, &joint, &mut part);
            layer.output_norm.add_and_apply(kernel, &mut x, &part);
        }

        let mut pooled = vec![0.0; hidden];
        for x in x.chunks_exact(hidden) {
            pooled.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
        }
        for sum in &mut pooled {
            *sum /= ids.len() as f32;
        }
        Ok(WindowLogits {
            labels: head(&pooled, &self.labels, self.labels_bias),
            context: head(&pooled, &self.context, self.context_bias),
        })
    }

    fn hidden(&self) -> usize {
        self.embedding_norm.weight.len()
    }
}

impl Words {
    /// The vectors of tokens, one behind the other.
    fn of(&self, kernel: impl Kernel, ids: &[u32]) -> Vec<f32> {
        let size = self.entries.len() / self.scales.len();
        let mut vectors = Vec::with_capacity(ids.len() * size);
        for &id in ids {
            let id = id as usize;
            let (entries, scale) = (&self.entries[id * size..][..size], self.scales[id]);
            vectors.extend(entries.iter().map(|&entry| f32::from(i8::from_ne_bytes([entry])) * scale));
        }
        let Some(projection) = &self.projection else { return vectors };
        let mut projected = Vec::new();
        projection.apply(kernel, &vectors, &mut projected);
        projected
    }
}

fn head<const OUTPUTS: usize>(pooled: &[f32], weights: &[f32], mut logits: [f32; OUTPUTS]) -> [f32; OUTPUTS] {
    for (x, weights) in pooled.iter().zip(weights.chunks_exact(OUTPUTS)) {
        logits.iter_mut().zip(weights).for_each(|(logit, weight)| *logit += x * weight);
    }
    logits
}

impl Normalisation {
    /// Adds, and normalises each row of the sums.
    fn add_and_apply(&self, kernel: impl Kernel, x: &mut [f32], other: &[f32]) {
        kernel.vectorize(
            #[inline(always)]
            || {
                x.iter_mut().zip(other).for_each(|(x, other)| *x += other);
                self.rows(x);
            },
        );
    }

    #[inline(always)]
    fn rows(&self, x: &mut [f32]) {
        let width = self.weight.len();
        for x in x.chunks_exact_mut(width) {
            let mean = sum(x, |x| x) / width as f32;
            let variance = sum(x, |x| (x - mean) * (x - mean)) / width as f32;
            let factor = (variance + self.epsilon).sqrt().recip();
            for ((x, weight), bias) in x.iter_mut().zip(&self.weight).zip(&self.bias) {
                *x = (*x - mean) * factor * weight + bias;
            }
        }
    }
}

/// The sum of a function's values.
#[inline(always)]
fn sum(x: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    /// Sums that are kept side by side, in registers.
    const TOGETHER: usize = 32;
    let (chunks, rest) = x.as_chunks::<TOGETHER>();
    let mut sums = [0.0; TOGETHER];
    for chunk in chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += of(x);
        }
    }
    sums.into_iter().chain(rest.iter().map(|&x| of(x))).sum()
}
