//! The gate: the quick first stage, which decides what the encoder reads.

mod convolution;
mod graph;
#[cfg(test)]
mod tests;

use std::num::NonZeroUsize;
use std::path::Path;

use crate::engine::{self, Engine, Runtime};
use crate::error::Result;
use crate::model::GateSettings;
use crate::stages::{OWN_ARITHMETIC, WindowLogits, run};
use crate::{Category, Scores};
use convolution::Convolution;

/// The gate's network and what its logits mean.
pub(crate) struct Gate {
    network: Network,
    settings: GateSettings,
}

enum Network {
    /// The network that `models/training` makes, computed here: a runtime takes many times as long for the same numbers.
    Convolution(Box<Convolution>),
    /// Any other, computed by a runtime.
    Other(Box<dyn Engine>),
}

impl Gate {
    /// Takes a gate out of its ONNX model, read from `path`; arguments are those of [`engine::load`].
    pub(crate) fn load(
        runtime: Runtime,
        path: &Path,
        onnx: Vec<u8>,
        parallelism: NonZeroUsize,
        settings: GateSettings,
    ) -> Result<Self> {
        let network = match graph::convolution(&onnx) {
            Some(convolution) => Network::Convolution(Box::new(convolution)),
            None => Network::Other(engine::load(runtime, path, onnx, parallelism)?),
        };
        Ok(Self { network, settings })
    }

    /// The logits of one window of token ids.
    pub(crate) fn run(&self, ids: &[u32]) -> Result<WindowLogits> {
        match &self.network {
            Network::Convolution(convolution) => convolution.run(ids),
            Network::Other(engine) => run(engine.as_ref(), ids),
        }
    }

    /// Whether a window with these logits is for the encoder to read.
    pub(crate) fn lets_through(&self, logits: &[f32; Category::COUNT]) -> bool {
        let Self { settings, .. } = self;
        let scores =
            Scores::new(Category::ALL.map(|category| settings.calibration.probability(category, logits[category as usize])));
        !settings.thresholds.labels(&scores).is_empty()
    }

    /// What computes it, with its version.
    pub(crate) fn description(&self) -> String {
        match &self.network {
            Network::Convolution(_) => OWN_ARITHMETIC.to_owned(),
            Network::Other(engine) => engine.description(),
        }
    }
}
