//! The two stages of a model: a gate that reads every window, an encoder that reads what the gate lets through.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::category::UnknownName;
use crate::engine::{self, Engine, Heads, Runtime};
use crate::error::{ErrorKind, Result};
use crate::model::GateSettings;
use crate::window::Window;
use crate::{Category, Context, ModelFolder, Scores, Stage};

/// Which stages of the model read a text.
///
/// ```
/// use bellwether::Mode;
/// assert_eq!("encoder".parse::<Mode>(), Ok(Mode::Encoder));
/// assert_eq!(Mode::default(), Mode::Encoder);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The gate reads every window; the encoder reads those that the gate does not hold for benign. Many times as fast on benign
    /// text, but what the gate turns down wrongly is lost: the model card says how much of what [`Mode::Encoder`] labels is kept.
    Cascade,
    /// The encoder reads every window. The default.
    #[default]
    Encoder,
    /// The gate alone: a label says that the encoder ought to read the text.
    Gate,
}

impl Mode {
    /// Every mode, in the order in which they are offered to a person.
    pub const ALL: [Self; 3] = [Self::Cascade, Self::Encoder, Self::Gate];

    /// The name that [`Display`](fmt::Display) shows and [`FromStr`] reads: `cascade`, `encoder` or `gate`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cascade => "cascade",
            Self::Encoder => "encoder",
            Self::Gate => "gate",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Mode {
    type Err = UnknownName;

    fn from_str(name: &str) -> std::result::Result<Self, UnknownName> {
        UnknownName::look_up(name, &Self::ALL, Self::name)
    }
}

/// What a stage says of one window.
pub(crate) struct Reading {
    pub(crate) stage: Stage,
    pub(crate) labels: [f32; Category::COUNT],
    pub(crate) context: [f32; Context::COUNT],
}

/// The stages of a mode, loaded; a stage that the mode does not need is not.
pub(crate) enum Stages {
    /// The gate, and behind it the encoder.
    Cascade { gate: Gate, encoder: Box<dyn Engine> },
    /// The encoder alone.
    Encoder(Box<dyn Engine>),
    /// The gate alone.
    Gate(Gate),
}

/// The gate's engine and what its logits mean.
pub(crate) struct Gate {
    engine: Box<dyn Engine>,
    settings: GateSettings,
}

impl Stages {
    /// Loads what `mode` needs out of a verified folder, for up to `parallelism` readings at once.
    pub(crate) fn load(mode: Mode, runtime: Runtime, folder: ModelFolder, parallelism: NonZeroUsize) -> Result<Self> {
        let settings = folder.manifest().gate().clone();
        let (gate, encoder) = folder.into_stages();
        let load = |(path, onnx): (PathBuf, Vec<u8>)| {
            let heads = Heads { labels: &Category::ALL.map(Category::name), contexts: &Context::ALL.map(Context::name) };
            engine::load(runtime, &path, onnx, parallelism, &heads)
        };
        Ok(match mode {
            Mode::Cascade => Self::Cascade { gate: Gate { engine: load(gate)?, settings }, encoder: load(encoder)? },
            Mode::Encoder => Self::Encoder(load(encoder)?),
            Mode::Gate => Self::Gate(Gate { engine: load(gate)?, settings }),
        })
    }

    /// Reads one window.
    pub(crate) fn read(&self, window: &Window) -> Result<Reading> {
        let ids: Vec<i64> = window.ids.iter().map(|&id| i64::from(id)).collect();
        match self {
            Self::Encoder(encoder) => run(encoder.as_ref(), Stage::Encoder, &ids),
            Self::Gate(gate) => run(gate.engine.as_ref(), Stage::Gate, &ids),
            Self::Cascade { gate, encoder } => {
                let reading = run(gate.engine.as_ref(), Stage::Gate, &ids)?;
                if gate.settings.lets_through(&reading.labels) {
                    run(encoder.as_ref(), Stage::Encoder, &ids)
                } else {
                    Ok(reading)
                }
            }
        }
    }

    /// The stages in use.
    pub(crate) const fn mode(&self) -> Mode {
        match self {
            Self::Cascade { .. } => Mode::Cascade,
            Self::Encoder(_) => Mode::Encoder,
            Self::Gate(_) => Mode::Gate,
        }
    }

    /// The engine of the stage with the last word.
    pub(crate) fn engine(&self) -> &dyn Engine {
        match self {
            Self::Cascade { encoder, .. } | Self::Encoder(encoder) => encoder.as_ref(),
            Self::Gate(gate) => gate.engine.as_ref(),
        }
    }
}

impl GateSettings {
    /// Whether a window with these logits is for the encoder to read.
    fn lets_through(&self, logits: &[f32; Category::COUNT]) -> bool {
        let scores = Scores::new(Category::ALL.map(|category| self.calibration.probability(category, logits[category as usize])));
        !self.thresholds.labels(&scores).is_empty()
    }
}

fn run(engine: &dyn Engine, stage: Stage, ids: &[i64]) -> Result<Reading> {
    let fail = |detail: String| ErrorKind::Inference { runtime: engine.runtime(), detail };
    let input = ArrayView2::from_shape((1, ids.len()), ids).map_err(|error| fail(error.to_string()))?;
    let logits = engine.run(input)?;
    let labels = logits.labels.iter().copied().collect::<Vec<_>>().try_into();
    let context = logits.context.iter().copied().collect::<Vec<_>>().try_into();
    match (labels, context) {
        (Ok(labels), Ok(context)) => Ok(Reading { stage, labels, context }),
        _ => Err(fail(format!("outputs have shapes {:?} and {:?}", logits.labels.shape(), logits.context.shape())).into()),
    }
}
