//! Running any ONNX model: one trait, and one implementation for each runtime.

mod checked;
mod ort_engine;
mod ort_library;
mod pool;
mod rten_engine;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::num::NonZeroUsize;
use std::path::Path;
use std::str::FromStr;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::category::UnknownName;
use crate::error::{ErrorKind, Result};
use crate::model::external_data::refuse_external_data;
use crate::{Category, Context};

/// The name of the model's only input: token ids, int64 `[1, tokens]`.
const INPUT: &str = "input_ids";
/// The names of the model's outputs: float `[1, labels]` and float `[1, contexts]`.
const OUTPUTS: [&str; 2] = ["logits", "context_logits"];

/// The program that carries out the encoder's arithmetic.
///
/// All give the same scores up to rounding: `rten` and `ort` compute in 32-bit floats, and differ in the sixth decimal of a score;
/// `auto` computes in integers, and differs from them in the fourth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Runtime {
    /// This crate's own arithmetic for encoders that it knows (the shipped model's is one), on a processor with AVX2; else `rten`.
    /// Needs nothing from the machine. The default.
    #[default]
    Auto,
    /// The `rten` crate, compiled in: needs nothing from the machine.
    Rten,
    /// ONNX Runtime, a shared library that must be installed on the machine.
    Ort,
}

impl Runtime {
    /// Every runtime, in the order in which they are offered to a person.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Rten, Self::Ort];

    /// The name that [`Display`](fmt::Display) shows and [`FromStr`] reads: `auto`, `rten` or `ort`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Rten => "rten",
            Self::Ort => "ort",
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Runtime {
    type Err = UnknownName;

    fn from_str(name: &str) -> std::result::Result<Self, UnknownName> {
        UnknownName::look_up(name, &Self::ALL, Self::name)
    }
}

/// What the model says of a batch of token sequences, before any calibration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Logits {
    /// One row a sequence, one column a label; any finite value when the model is sound.
    pub(crate) labels: Array2<f32>,
    /// One row a sequence, one column a context.
    pub(crate) context: Array2<f32>,
}

/// What the caller expects the columns of the model's two outputs to mean, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads<'a> {
    /// The labels, one a column of `logits`.
    pub(crate) labels: &'a [&'a str],
    /// The contexts, one a column of `context_logits`.
    pub(crate) contexts: &'a [&'a str],
}

/// A loaded model that many threads may run at once.
pub(crate) trait Engine: Send + Sync {
    /// Runs the model over `input_ids` (`[1, tokens]`, at least one token, ids from 0 up to the
    /// size of the model's vocabulary) on one thread.
    ///
    /// Blocks while as many runs as the engine was loaded for are under way.
    ///
    /// # Errors
    ///
    /// `Inference` if the ids are outside these ranges or the runtime fails.
    fn run(&self, input_ids: ArrayView2<'_, i64>) -> Result<Logits>;

    /// The runtime behind this engine.
    fn runtime(&self) -> Runtime;

    /// The runtime with its version, for a person: `rten 0.27`, say.
    fn description(&self) -> String;
}

/// Loads the ONNX model `bytes`, read from `path` (used in error texts only), into `runtime`.
///
/// The engine runs up to `parallel_sessions` inputs at the same time. With ONNX Runtime each of
/// them has its own copy of the weights, made when it is first needed.
///
/// # Errors
///
/// `Model` if the bytes are damaged, refer to other files, or describe a model whose input,
/// outputs are not the expected ones; `RuntimeUnavailable` if the runtime cannot be had on this machine.
pub(crate) fn load(runtime: Runtime, path: &Path, bytes: Vec<u8>, parallel_sessions: NonZeroUsize) -> Result<Box<dyn Engine>> {
    let heads = Heads { labels: &Category::ALL.map(Category::name), contexts: &Context::ALL.map(Context::name) };
    // Here too, whatever the caller did: rten's own parser loops for ever on lengths that point
    // backwards, and follows nesting to the end of the stack.
    refuse_external_data(path, &bytes)?;
    let engine: Box<dyn Engine> = match runtime {
        Runtime::Auto | Runtime::Rten => Box::new(rten_engine::RtenEngine::load(path, bytes, parallel_sessions)?),
        Runtime::Ort => Box::new(ort_engine::OrtEngine::load(path, bytes, parallel_sessions)?),
    };
    Ok(Box::new(checked::CheckedEngine::new(engine, path, &heads)?))
}

/// Refuses a model at `path` whose inputs and outputs, by name, are not the expected ones.
fn check_names(path: &Path, inputs: &[&str], outputs: &[&str]) -> Result<()> {
    let mut sorted = outputs.to_vec();
    sorted.sort_unstable();
    let mut expected = OUTPUTS;
    expected.sort_unstable();
    if inputs == [INPUT] && sorted == expected {
        return Ok(());
    }
    let detail = format!(
        "its inputs are ({}) and its outputs ({}), this version needs ({INPUT}) and ({})",
        inputs.join(", "),
        outputs.join(", "),
        OUTPUTS.join(", "),
    );
    Err(ErrorKind::Model { path: path.to_owned(), detail }.into())
}
