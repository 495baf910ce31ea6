//! The gate's arithmetic: table look-ups, pooling over stretches, a small network.

#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vector instructions")]

use rten_simd::ops::BitOps;
use rten_simd::{Isa, SimdOp};

use super::layer::{Layer, PANEL};
use crate::Category;
use crate::error::{ErrorKind, Result};
use crate::stages::WindowLogits;

/// Tokens that a feature sees: the token itself and those before it.
pub(super) const TAPS: usize = 3;
/// Features of a token.
pub(super) const FEATURES: usize = 64;
/// Units of the small network.
pub(super) const HIDDEN: usize = 64;
/// Tokens from the beginning of a stretch to the beginning of the next; a stretch is twice as long.
pub(super) const BLOCK: usize = 16;
/// Values pooled from a stretch: the mean and the maximum of each feature.
pub(super) const POOLED: usize = 2 * FEATURES;
/// Panels of the small network's units.
const HIDDEN_PANELS: usize = HIDDEN / PANEL;
/// Stretches that the small network reads together; a window of 128 tokens has nine.
const STRETCHES: usize = 10;

/// A convolution over static token vectors with what reads it.
///
/// A feature of a token is the positive part of a sum: one table entry of the token, one of the token before, one of the token
/// before that. All are whole numbers; what a feature's entries are in truth has gone into the weights that read them. Each stretch
/// of two blocks is pooled, read by one hidden layer, and the highest logit over stretches wins.
pub(crate) struct Convolution {
    /// By token id.
    pub(super) tables: Vec<TokenEntries>,
    pub(super) hidden: Layer<POOLED, HIDDEN_PANELS>,
    pub(super) heads: Layer<HIDDEN, 1>,
}

impl Convolution {
    /// The logits of a window; a window without tokens, or with ids past the tables, is an error.
    pub(super) fn run(&self, ids: &[u32]) -> Result<WindowLogits> {
        let fail = |detail: String| ErrorKind::Network { detail };
        let Some(&first) = ids.first() else { return Err(fail("there is no token to run it on".into()).into()) };
        if let Some(id) = ids.iter().find(|&&id| id as usize >= self.tables.len()) {
            return Err(fail(format!("{id} is not a token id")).into());
        }
        let outputs = Run { gate: self, ids, first }.dispatch();
        Ok(WindowLogits {
            labels: std::array::from_fn(|label| outputs[label]),
            context: std::array::from_fn(|context| outputs[Category::COUNT + context]),
        })
    }
}

/// A token's entries as the newest token of three, as the one before, and as the one before that; each in one line of the cache.
#[repr(align(64))]
pub(super) struct TokenEntries(pub(super) [[i8; FEATURES]; TAPS]);

/// One run; as an operation of its own, the compiler makes a version of it for each set of vector instructions.
struct Run<'a> {
    gate: &'a Convolution,
    ids: &'a [u32],
    first: u32,
}

/// The sum and the maximum of each feature over a block. Features are never negative, so zero is both for no token at all.
#[derive(Clone, Copy)]
struct Block {
    sums: [i16; FEATURES],
    maxima: [i16; FEATURES],
}

const NO_TOKENS: Block = Block { sums: [0; FEATURES], maxima: [0; FEATURES] };

// The sum over a stretch has room.
const _: () = assert!(2 * BLOCK * TAPS * (1 << 7) <= i16::MAX as usize);

/// The table entries of one token: its own, and those of the two before it.
type Entries<'a> = [&'a [i8; FEATURES]; TAPS];

impl SimdOp for Run<'_> {
    type Output = [f32; PANEL];

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> [f32; PANEL] {
        let Self { gate, ids, first } = self;
        gate.prefetch(isa, &ids[..ids.len().min(BLOCK)]);
        let mut best = [f32::NEG_INFINITY; PANEL];
        let mut last = NO_TOKENS;
        // Before the first token stands the first token.
        let mut before = [first, first];
        let (mut stretches, mut waiting) = ([[0.0; POOLED]; STRETCHES], 0);
        // The stretch behind the last whole block is half empty, or holds the tokens that are left.
        for start in (0..=ids.len()).step_by(BLOCK) {
            let end = ids.len().min(start + BLOCK);
            gate.prefetch(isa, &ids[end..ids.len().min(end + BLOCK)]);
            let mut entries: [Entries<'_>; BLOCK] = [[&[0; FEATURES]; TAPS]; BLOCK];
            for (entries, &id) in entries.iter_mut().zip(&ids[start..end]) {
                *entries = [gate.entries(id, 0), gate.entries(before[0], 1), gate.entries(before[1], 2)];
                before = [id, before[0]];
            }
            let block = Convolution::block(&entries[..end - start]);
            pooled(&last, &block, &mut stretches[waiting]);
            last = block;
            waiting += 1;
            if waiting == STRETCHES {
                gate.read(isa, &stretches, &mut best);
                waiting = 0;
            }
        }
        gate.read(isa, &stretches[..waiting], &mut best);
        best
    }
}

impl Convolution {
    #[inline(always)]
    fn entries(&self, id: u32, tap: usize) -> &[i8; FEATURES] {
        &self.tables[id as usize].0[tap]
    }

    /// Asks for the entries of tokens that come next: they lie all over the tables.
    #[inline(always)]
    fn prefetch<I: Isa>(&self, isa: I, ids: &[u32]) {
        for &id in ids {
            for tap in 0..TAPS {
                isa.i8().prefetch(self.entries(id, tap).as_ptr());
            }
        }
    }

    #[inline(always)]
    fn block(tokens: &[Entries<'_>]) -> Block {
        /// Features that are kept in registers over all tokens.
        const TOGETHER: usize = 32;
        let mut block = NO_TOKENS;
        for start in (0..FEATURES).step_by(TOGETHER) {
            let (mut sums, mut maxima) = ([0; TOGETHER], [0; TOGETHER]);
            for entries in tokens {
                for i in 0..TOGETHER {
                    let entry = |tap: usize| i16::from(entries[tap][start + i]);
                    let feature = (entry(0) + entry(1) + entry(2)).max(0);
                    sums[i] += feature;
                    maxima[i] = feature.max(maxima[i]);
                }
            }
            block.sums[start..start + TOGETHER].copy_from_slice(&sums);
            block.maxima[start..start + TOGETHER].copy_from_slice(&maxima);
        }
        block
    }

    /// Raises `best` to the logits of up to [`STRETCHES`] stretches where these are higher.
    #[inline(always)]
    fn read<I: Isa>(&self, isa: I, stretches: &[[f32; POOLED]], best: &mut [f32; PANEL]) {
        let mut hidden = [[[0.0; PANEL]; HIDDEN_PANELS]; STRETCHES];
        let hidden = &mut hidden[..stretches.len()];
        self.hidden.run(isa, stretches, hidden);
        for unit in hidden.iter_mut().flatten().flatten() {
            *unit = if *unit > 0.0 { *unit } else { 0.0 };
        }
        let mut logits = [[[0.0; PANEL]]; STRETCHES];
        let logits = &mut logits[..stretches.len()];
        let (units, _) = hidden.as_flattened().as_flattened().as_chunks::<HIDDEN>();
        self.heads.run(isa, units, logits);
        for logits in logits.as_flattened() {
            for (best, &logit) in best.iter_mut().zip(logits) {
                *best = if logit > *best { logit } else { *best };
            }
        }
    }
}

/// The means and the maxima over the stretch that two blocks make.
#[inline(always)]
fn pooled(a: &Block, b: &Block, pooled: &mut [f32; POOLED]) {
    for i in 0..FEATURES {
        pooled[i] = f32::from(a.sums[i] + b.sums[i]) / (2 * BLOCK) as f32;
        pooled[FEATURES + i] = f32::from(a.maxima[i].max(b.maxima[i]));
    }
}
