//! The stages that are transformers: the encoder, which decides, and the student, which screens for it.

#[cfg(target_arch = "x86_64")]
mod x86_64;

use std::num::NonZeroUsize;

use crate::engine::{self, Engine, Runtime};
use crate::error::Result;
use crate::model::ModelFile;
use crate::stages::{OWN_ARITHMETIC, WindowLogits, run};

/// A transformer.
pub(crate) enum Encoder {
    /// The network that `models/training` makes, computed here.
    #[cfg(target_arch = "x86_64")]
    Own(Box<x86_64::OwnEncoder>),
    /// Any other, or on any other processor, or where a runtime was asked for.
    Other(Box<dyn Engine>),
}

impl Encoder {
    /// Takes a transformer out of its ONNX model; arguments are those of [`engine::load`].
    pub(crate) fn load(runtime: Runtime, file: ModelFile, parallelism: NonZeroUsize) -> Result<Self> {
        #[cfg(target_arch = "x86_64")]
        if runtime == Runtime::Auto
            && let Some(own) = x86_64::OwnEncoder::recognise(&file.bytes)
        {
            return Ok(Self::Own(Box::new(own)));
        }
        Ok(Self::Other(engine::load(runtime, &file.path, file.bytes, parallelism)?))
    }

    /// The logits of one window of token ids.
    pub(crate) fn run(&self, ids: &[u32]) -> Result<WindowLogits> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Own(own) => own.run(ids),
            Self::Other(engine) => run(engine.as_ref(), ids),
        }
    }

    /// What computes it, with its version.
    pub(crate) fn description(&self) -> String {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Own(_) => OWN_ARITHMETIC.to_owned(),
            Self::Other(engine) => engine.description(),
        }
    }
}
