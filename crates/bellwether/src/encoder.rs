//! The encoder: the stage that decides, a transformer.

// Its own arithmetic is written for one kind of processor; on others a runtime computes.
#[cfg(target_arch = "x86_64")]
mod attention;
#[cfg(target_arch = "x86_64")]
mod graph;
#[cfg(target_arch = "x86_64")]
mod kernel;
#[cfg(target_arch = "x86_64")]
mod linear;
#[cfg(target_arch = "x86_64")]
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
mod transformer;

use std::num::NonZeroUsize;
use std::path::Path;

use crate::engine::{self, Engine, Runtime};
use crate::error::Result;
use crate::model::external_data::refuse_external_data;
use crate::stages::{WindowLogits, run};

/// The encoder's network.
pub(crate) struct Encoder {
    network: Network,
}

enum Network {
    /// The network that `models/training` makes, computed here from its int8 weights, on a processor with AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2(Box<transformer::Transformer>, pulp::x86::V3),
    /// The same, on a processor with AVX-512.
    #[cfg(target_arch = "x86_64")]
    Avx512(Box<transformer::Transformer>, pulp::x86::V4),
    /// Any other, and where a runtime was asked for.
    Other(Box<dyn Engine>),
}

impl Encoder {
    /// Takes an encoder out of its ONNX model, read from `path`; arguments are those of [`engine::load`].
    pub(crate) fn load(runtime: Runtime, path: &Path, onnx: Vec<u8>, parallelism: NonZeroUsize) -> Result<Self> {
        refuse_external_data(path, &onnx)?;
        let network = match own(runtime, &onnx) {
            Some(network) => network,
            None => Network::Other(engine::load(runtime, path, onnx, parallelism)?),
        };
        Ok(Self { network })
    }

    /// The logits of one window of token ids.
    pub(crate) fn run(&self, ids: &[u32]) -> Result<WindowLogits> {
        match &self.network {
            #[cfg(target_arch = "x86_64")]
            Network::Avx2(transformer, kernel) => transformer.run(*kernel, ids),
            #[cfg(target_arch = "x86_64")]
            Network::Avx512(transformer, kernel) => transformer.run(*kernel, ids),
            Network::Other(engine) => run(engine.as_ref(), ids),
        }
    }

    /// What computes it, with its version.
    pub(crate) fn description(&self) -> String {
        match &self.network {
            #[cfg(target_arch = "x86_64")]
            Network::Avx2(..) | Network::Avx512(..) => concat!("bellwether ", env!("CARGO_PKG_VERSION")).to_owned(),
            Network::Other(engine) => engine.description(),
        }
    }
}

/// The network as this crate computes it, if no runtime was asked for, it is one that it knows, and the processor is.
#[cfg(target_arch = "x86_64")]
fn own(runtime: Runtime, onnx: &[u8]) -> Option<Network> {
    let avx2 = pulp::x86::V3::try_new().filter(|_| runtime == Runtime::Auto)?;
    let transformer = Box::new(graph::transformer(onnx)?);
    Some(match pulp::x86::V4::try_new() {
        Some(avx512) => Network::Avx512(transformer, avx512),
        None => Network::Avx2(transformer, avx2),
    })
}

#[cfg(not(target_arch = "x86_64"))]
fn own(_runtime: Runtime, _onnx: &[u8]) -> Option<Network> {
    None
}
