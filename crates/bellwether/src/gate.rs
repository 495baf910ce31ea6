//! The gate: the quick first stage, which decides what the stages behind it read.

mod convolution;
mod graph;
mod layer;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;

use crate::engine::{self, Engine, Runtime};
use crate::error::Result;
use crate::model::ModelFile;
use crate::stages::{OWN_ARITHMETIC, WindowLogits, run};
use convolution::Convolution;

/// The gate's network.
pub(crate) enum Gate {
    /// The network that `models/training` makes, computed here: a runtime takes many times as long for the same numbers.
    Convolution(Box<Convolution>),
    /// Any other, computed by a runtime.
    Other(Box<dyn Engine>),
}

impl Gate {
    /// Takes a gate out of its ONNX model; arguments are those of [`engine::load`].
    pub(crate) fn load(runtime: Runtime, file: ModelFile, parallelism: NonZeroUsize) -> Result<Self> {
        Ok(match graph::convolution(&file.bytes) {
            Some(convolution) => Self::Convolution(Box::new(convolution)),
            None => Self::Other(engine::load(runtime, &file.path, file.bytes, parallelism)?),
        })
    }

    /// The logits of one window of token ids.
    pub(crate) fn run(&self, ids: &[u32]) -> Result<WindowLogits> {
        match self {
            Self::Convolution(convolution) => convolution.run(ids),
            Self::Other(engine) => run(engine.as_ref(), ids),
        }
    }

    /// What computes it, with its version.
    pub(crate) fn description(&self) -> String {
        match self {
            Self::Convolution(_) => OWN_ARITHMETIC.to_owned(),
            Self::Other(engine) => engine.description(),
        }
    }
}
