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
use kernel::Vnni;
use transformer::Transformer;

/// The network that `models/training` makes, and the instructions that compute it.
pub(crate) struct OwnEncoder {
    transformer: Transformer,
    instructions: Instructions,
}

enum Instructions {
    Avx2(V3),
    Avx512(V4),
    Avx512Vnni(Vnni),
}

impl OwnEncoder {
    /// None if the network is any other, or the processor has none of the sets of instructions.
    pub(crate) fn recognise(onnx: &[u8]) -> Option<Self> {
        let vnni = || Vnni::try_new().map(Instructions::Avx512Vnni);
        let avx512 = || V4::try_new().map(Instructions::Avx512);
        let avx2 = || V3::try_new().map(Instructions::Avx2);
        let instructions = vnni().or_else(avx512).or_else(avx2)?;
        Some(Self { transformer: graph::transformer(onnx)?, instructions })
    }

    /// The logits of one window of token ids.
    pub(crate) fn run(&self, ids: &[u32]) -> Result<WindowLogits> {
        match self.instructions {
            Instructions::Avx2(kernel) => self.transformer.run(kernel, ids),
            Instructions::Avx512(kernel) => self.transformer.run(kernel, ids),
            Instructions::Avx512Vnni(kernel) => self.transformer.run(kernel, ids),
        }
    }
}
