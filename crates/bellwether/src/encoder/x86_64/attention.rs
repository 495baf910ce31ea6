//! Self-attention (Vaswani et al. 2017, "Attention Is All You Need", section 3.2), in floats.

use rten_simd::SimdOp;
use rten_vecmath::Softmax;

use super::kernel::{COLUMNS, Kernel, PANELS, ROWS};

/// The heads that share the hidden features among them.
#[derive(Clone, Copy)]
pub(super) struct Heads {
    pub(super) count: usize,
    /// Features a head.
    pub(super) size: usize,
}

/// Columns whose products are computed together.
const TOGETHER: usize = PANELS * COLUMNS;

/// Some columns of a matrix, row after row.
type Panels = Vec<[[f32; COLUMNS]; PANELS]>;

impl Heads {
    pub(super) fn can_compute(size: usize) -> bool {
        size > 0 && size.is_multiple_of(TOGETHER)
    }

    /// What matches of queries and keys are multiplied by.
    pub(super) fn scale(self) -> f32 {
        (self.size as f32).powf(-0.5)
    }

    /// Puts each token's mixture of values in the place of what `to` holds. `joint` has for each token its queries, keys and
    /// values, each of all heads.
    pub(super) fn attend(self, kernel: impl Kernel, joint: &[f32], to: &mut Vec<f32>) {
        let hidden = self.count * self.size;
        let tokens = joint.len() / (3 * hidden);
        to.clear();
        to.resize(tokens * hidden, 0.0);
        // As wide as the panels that it is computed in.
        let width = tokens.next_multiple_of(TOGETHER);
        let mut attention = vec![0.0; tokens * width];
        let mut queries = Vec::with_capacity(tokens * self.size);
        let scale = self.scale();
        for head in 0..self.count {
            let part = |token: usize, third: usize| &joint[token * 3 * hidden + third * hidden + head * self.size..][..self.size];
            queries.clear();
            for token in 0..tokens {
                queries.extend(part(token, 0).iter().map(|query| query * scale));
            }
            for first in (0..tokens).step_by(TOGETHER) {
                let mut keys: Panels = vec![[[0.0; COLUMNS]; PANELS]; self.size];
                for token in first..tokens.min(first + TOGETHER) {
                    for (keys, &key) in keys.iter_mut().zip(part(token, 1)) {
                        keys.as_flattened_mut()[token - first] = key;
                    }
                }
                multiply(kernel, &queries, self.size, &keys, &mut attention, width, first);
            }
            for attention in attention.chunks_exact_mut(width) {
                Softmax::new_mut(&mut attention[..tokens]).dispatch();
            }
            for first in (0..self.size).step_by(TOGETHER) {
                let columns =
                    |token| std::array::from_fn(|panel| std::array::from_fn(|i| part(token, 2)[first + panel * COLUMNS + i]));
                let values: Panels = (0..tokens).map(columns).collect();
                multiply(kernel, &attention, width, &values, to, hidden, head * self.size + first);
            }
        }
    }
}

/// Multiplies rows of `a`, which are `stride` apart, with some columns, and puts the products in `to` from a column on, in rows that are
/// `to_stride` apart.
fn multiply(
    kernel: impl Kernel,
    a: &[f32],
    stride: usize,
    panels: &[[[f32; COLUMNS]; PANELS]],
    to: &mut [f32],
    to_stride: usize,
    column: usize,
) {
    kernel.vectorize(
        #[inline(always)]
        || {
            let rows = a.len() / stride;
            for first in (0..rows).step_by(ROWS) {
                // Behind the last row it is read again, and not written.
                let group = std::array::from_fn(|i| &a[(first + i).min(rows - 1) * stride..][..panels.len()]);
                for (row, sums) in (first..rows).zip(kernel.float_products(group, panels)) {
                    to[row * to_stride + column..][..TOGETHER].copy_from_slice(sums.as_flattened());
                }
            }
        },
    );
}
