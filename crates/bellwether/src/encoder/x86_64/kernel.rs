//! Products of a few tokens' values with a few columns of a matrix: the innermost loops, in a processor's vector instructions.

#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vector instructions")]

use std::arch::x86_64::{__m128i, __m256, __m256i, __m512, __m512i};

use pulp::NullaryFnOnce;
use pulp::x86::{V3, V4};

/// Tokens at a time; with [`COLUMNS`], as many sums as AVX2 has registers for.
pub(super) const ROWS: usize = 6;
/// Columns at a time.
pub(super) const COLUMNS: usize = 16;

/// A set of vector instructions that the processor is known to have.
pub(super) trait Kernel: Copy {
    /// Runs an operation of which all that is inlined is compiled for these instructions.
    fn vectorize<O: NullaryFnOnce>(self, operation: O) -> O::Output;

    /// For each token and column the sum of products over all inputs, which lie there in pairs; weights are an int8 in each byte.
    /// To be called inside [`vectorize`](Self::vectorize).
    fn integer_products(self, values: &[[[i16; 2]; ROWS]], weights: &[[[u8; 2]; COLUMNS]]) -> [[i32; COLUMNS]; ROWS];

    /// For each row and column the sum of products over as many values as the panel has rows. To be called inside
    /// [`vectorize`](Self::vectorize).
    fn float_products(self, rows: [&[f32]; ROWS], panel: &[[f32; COLUMNS]]) -> [[f32; COLUMNS]; ROWS];
}

/// AVX2.
impl Kernel for V3 {
    #[inline(always)]
    fn vectorize<O: NullaryFnOnce>(self, operation: O) -> O::Output {
        V3::vectorize(self, operation)
    }

    #[inline(always)]
    fn integer_products(self, values: &[[[i16; 2]; ROWS]], weights: &[[[u8; 2]; COLUMNS]]) -> [[i32; COLUMNS]; ROWS] {
        let mut sums = [[self.avx._mm256_setzero_si256(); 2]; ROWS];
        for (values, weights) in values.iter().zip(weights) {
            let halves: [__m128i; 2] = pulp::cast(*weights);
            let weights: [__m256i; 2] = [self.avx2._mm256_cvtepi8_epi16(halves[0]), self.avx2._mm256_cvtepi8_epi16(halves[1])];
            for (sums, &value) in sums.iter_mut().zip(values) {
                let value = self.avx._mm256_set1_epi32(pulp::cast(value));
                for (sum, weights) in sums.iter_mut().zip(weights) {
                    *sum = self.avx2._mm256_add_epi32(*sum, self.avx2._mm256_madd_epi16(value, weights));
                }
            }
        }
        pulp::cast(sums)
    }

    #[inline(always)]
    fn float_products(self, rows: [&[f32]; ROWS], panel: &[[f32; COLUMNS]]) -> [[f32; COLUMNS]; ROWS] {
        let rows = rows.map(|row| &row[..panel.len()]);
        let mut sums = [[self.avx._mm256_setzero_ps(); 2]; ROWS];
        for (i, panel) in panel.iter().enumerate() {
            let panel: [__m256; 2] = pulp::cast(*panel);
            for (sums, row) in sums.iter_mut().zip(rows) {
                let value = self.avx._mm256_set1_ps(row[i]);
                for (sum, panel) in sums.iter_mut().zip(panel) {
                    *sum = self.fma._mm256_fmadd_ps(value, panel, *sum);
                }
            }
        }
        pulp::cast(sums)
    }
}

/// AVX-512.
impl Kernel for V4 {
    #[inline(always)]
    fn vectorize<O: NullaryFnOnce>(self, operation: O) -> O::Output {
        V4::vectorize(self, operation)
    }

    #[inline(always)]
    fn integer_products(self, values: &[[[i16; 2]; ROWS]], weights: &[[[u8; 2]; COLUMNS]]) -> [[i32; COLUMNS]; ROWS] {
        let mut sums = [self.avx512f._mm512_setzero_si512(); ROWS];
        for (values, weights) in values.iter().zip(weights) {
            let weights: __m512i = self.avx512bw._mm512_cvtepi8_epi16(pulp::cast(*weights));
            for (sum, &value) in sums.iter_mut().zip(values) {
                let value = self.avx512f._mm512_set1_epi32(pulp::cast(value));
                *sum = self.avx512f._mm512_add_epi32(*sum, self.avx512bw._mm512_madd_epi16(value, weights));
            }
        }
        pulp::cast(sums)
    }

    #[inline(always)]
    fn float_products(self, rows: [&[f32]; ROWS], panel: &[[f32; COLUMNS]]) -> [[f32; COLUMNS]; ROWS] {
        let rows = rows.map(|row| &row[..panel.len()]);
        let mut sums = [self.avx512f._mm512_setzero_ps(); ROWS];
        for (i, panel) in panel.iter().enumerate() {
            let panel: __m512 = pulp::cast(*panel);
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum = self.avx512f._mm512_fmadd_ps(self.avx512f._mm512_set1_ps(row[i]), panel, *sum);
            }
        }
        pulp::cast(sums)
    }
}
