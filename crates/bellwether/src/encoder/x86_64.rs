//! The encoder's own arithmetic, for processors with AVX2 or AVX-512.

mod attention;
mod graph;
mod kernel;
mod linear;
#[cfg(test)]
mod tests;
mod transformer;

use pulp::x86::{V3, V4};

use crate::error::Result;
use crate::stages::WindowLogits;
use transformer::Transformer;

/// The network that `models/training` makes, and the instructions that compute it.
pub(crate) struct OwnEncoder {
    transformer: Transformer,
    instructions: Instructions,
}

enum Instructions {
    Avx2(V3),
    Avx512(V4),
}

impl OwnEncoder {
    /// None if the network is any other, or the processor has neither set of instructions.
    pub(crate) fn recognise(onnx: &[u8]) -> Option<Self> {
        let instructions = match (V4::try_new(), V3::try_new()) {
            (Some(avx512), _) => Instructions::Avx512(avx512),
            (None, Some(avx2)) => Instructions::Avx2(avx2),
            (None, None) => return None,
        };
        Some(Self { transformer: graph::transformer(onnx)?, instructions })
    }

    /// The logits of one window of token ids.
    pub(crate) fn run(&self, ids: &[u32]) -> Result<WindowLogits> {
        match self.instructions {
            Instructions::Avx2(kernel) => self.transformer.run(kernel, ids),
            Instructions::Avx512(kernel) => self.transformer.run(kernel, ids),
        }
    }
}
