//! Products of a few tokens' values with a few columns of a matrix: the innermost loops, in a processor's vector instructions.

#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the processor's vector instructions")]

use std::arch::x86_64::{__m128i, __m256, __m256i, __m512, __m512i};

use pulp::NullaryFnOnce;
use pulp::core_arch::x86::{Avx512bw, Avx512f};
use pulp::x86::{V3, V4};

/// Tokens at a time; with [`COLUMNS`], as many sums as AVX2 has registers for.
pub(super) const ROWS: usize = 6;
/// Columns at a time.
pub(super) const COLUMNS: usize = 16;
/// Panels of as many columns whose products are summed side by side: where a vector holds a panel's columns, fewer sums
/// than these would wait for each other.
pub(super) const PANELS: usize = 2;

/// A set of vector instructions that the processor is known to have.
pub(super) trait Kernel: Copy {
    /// Runs an operation of which all that is inlined is compiled for these instructions.
    fn vectorize<O: NullaryFnOnce>(self, operation: O) -> O::Output;

    /// For each panel, token and column the sum of products over all inputs, which lie there in pairs; weights are an int8 in each
    /// byte. To be called inside [`vectorize`](Self::vectorize).
    fn integer_products(
        self,
        values: &[[[i16; 2]; ROWS]],
        panels: [&[[[u8; 2]; COLUMNS]]; PANELS],
    ) -> [[[i32; COLUMNS]; ROWS]; PANELS];

    /// For each row and column of all panels the sum of products over as many values as the panels have rows. To be called inside
    /// [`vectorize`](Self::vectorize).
    fn float_products(self, rows: [&[f32]; ROWS], panels: &[[[f32; COLUMNS]; PANELS]]) -> [[[f32; COLUMNS]; PANELS]; ROWS];
}

/// AVX2.
impl Kernel for V3 {
    #[inline(always)]
    fn vectorize<O: NullaryFnOnce>(self, operation: O) -> O::Output {
        V3::vectorize(self, operation)
    }

    #[inline(always)]
    fn integer_products(
        self,
        values: &[[[i16; 2]; ROWS]],
        panels: [&[[[u8; 2]; COLUMNS]]; PANELS],
    ) -> [[[i32; COLUMNS]; ROWS]; PANELS] {
        // A panel's sums fill the registers: one panel after the other.
        let [first, second] = panels;
        [narrow_integer_products(self, values, first), narrow_integer_products(self, values, second)]
    }

    #[inline(always)]
    fn float_products(self, rows: [&[f32]; ROWS], panels: &[[[f32; COLUMNS]; PANELS]]) -> [[[f32; COLUMNS]; PANELS]; ROWS] {
        let rows = rows.map(|row| &row[..panels.len()]);
        let mut products = [[[0.0; COLUMNS]; PANELS]; ROWS];
        for panel in 0..PANELS {
            let mut sums = [[self.avx._mm256_setzero_ps(); 2]; ROWS];
            for (i, panels) in panels.iter().enumerate() {
                let halves: [__m256; 2] = pulp::cast(panels[panel]);
                for (sums, row) in sums.iter_mut().zip(rows) {
                    let value = self.avx._mm256_set1_ps(row[i]);
                    for (sum, half) in sums.iter_mut().zip(halves) {
                        *sum = self.fma._mm256_fmadd_ps(value, half, *sum);
                    }
                }
            }
            for (products, sums) in products.iter_mut().zip(sums) {
                products[panel] = pulp::cast(sums);
            }
        }
        products
    }
}

#[inline(always)]
fn narrow_integer_products(
    V3 { avx, avx2, .. }: V3,
    values: &[[[i16; 2]; ROWS]],
    weights: &[[[u8; 2]; COLUMNS]],
) -> [[i32; COLUMNS]; ROWS] {
    let mut sums = [[avx._mm256_setzero_si256(); 2]; ROWS];
    for (values, weights) in values.iter().zip(weights) {
        let halves: [__m128i; 2] = pulp::cast(*weights);
        let weights: [__m256i; 2] = [avx2._mm256_cvtepi8_epi16(halves[0]), avx2._mm256_cvtepi8_epi16(halves[1])];
        for (sums, &value) in sums.iter_mut().zip(values) {
            let value = avx._mm256_set1_epi32(pulp::cast(value));
            for (sum, weights) in sums.iter_mut().zip(weights) {
                *sum = avx2._mm256_add_epi32(*sum, avx2._mm256_madd_epi16(value, weights));
            }
        }
    }
    pulp::cast(sums)
}

pulp::simd_type! {
    /// AVX-512 with VNNI, of which one instruction multiplies and adds.
    pub(super) struct Vnni {
        avx: "avx",
        avx2: "avx2",
        fma: "fma",
        avx512f: "avx512f",
        avx512bw: "avx512bw",
        avx512cd: "avx512cd",
        avx512dq: "avx512dq",
        avx512vl: "avx512vl",
        avx512vnni: "avx512vnni",
    }
}

/// AVX-512, and AVX-512 with VNNI: the operations are the same, and of a product and a sum the compiler makes one instruction where
/// there is one.
macro_rules! wide_kernel {
    ($instructions:ty) => {
        impl Kernel for $instructions {
            #[inline(always)]
            fn vectorize<O: NullaryFnOnce>(self, operation: O) -> O::Output {
                <$instructions>::vectorize(self, operation)
            }

            #[inline(always)]
            fn integer_products(
                self,
                values: &[[[i16; 2]; ROWS]],
                panels: [&[[[u8; 2]; COLUMNS]]; PANELS],
            ) -> [[[i32; COLUMNS]; ROWS]; PANELS] {
                wide_integer_products(self.avx512f, self.avx512bw, values, panels)
            }

            #[inline(always)]
            fn float_products(
                self,
                rows: [&[f32]; ROWS],
                panels: &[[[f32; COLUMNS]; PANELS]],
            ) -> [[[f32; COLUMNS]; PANELS]; ROWS] {
                wide_float_products(self.avx512f, rows, panels)
            }
        }
    };
}

wide_kernel!(V4);
wide_kernel!(Vnni);

#[inline(always)]
fn wide_integer_products(
    avx512f: Avx512f,
    avx512bw: Avx512bw,
    values: &[[[i16; 2]; ROWS]],
    [first, second]: [&[[[u8; 2]; COLUMNS]]; PANELS],
) -> [[[i32; COLUMNS]; ROWS]; PANELS] {
    let mut sums = [[avx512f._mm512_setzero_si512(); ROWS]; PANELS];
    for ((values, first), second) in values.iter().zip(first).zip(second) {
        let panels: [__m512i; PANELS] =
            [avx512bw._mm512_cvtepi8_epi16(pulp::cast(*first)), avx512bw._mm512_cvtepi8_epi16(pulp::cast(*second))];
        for (row, &value) in values.iter().enumerate() {
            let value = avx512f._mm512_set1_epi32(pulp::cast(value));
            for (sums, weights) in sums.iter_mut().zip(panels) {
                sums[row] = avx512f._mm512_add_epi32(sums[row], avx512bw._mm512_madd_epi16(value, weights));
            }
        }
    }
    pulp::cast(sums)
}

#[inline(always)]
fn wide_float_products(
    avx512f: Avx512f,
    rows: [&[f32]; ROWS],
    panels: &[[[f32; COLUMNS]; PANELS]],
) -> [[[f32; COLUMNS]; PANELS]; ROWS] {
    let rows = rows.map(|row| &row[..panels.len()]);
    let mut sums = [[avx512f._mm512_setzero_ps(); PANELS]; ROWS];
    for (i, panels) in panels.iter().enumerate() {
        let panels: [__m512; PANELS] = pulp::cast(*panels);
        for (sums, row) in sums.iter_mut().zip(rows) {
            let value = avx512f._mm512_set1_ps(row[i]);
            for (sum, panel) in sums.iter_mut().zip(panels) {
                *sum = avx512f._mm512_fmadd_ps(value, panel, *sum);
            }
        }
    }
    pulp::cast(sums)
}
