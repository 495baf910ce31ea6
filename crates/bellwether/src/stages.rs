//! The stages of a model: a gate that reads every window, a student that reads what the gate lets through and adds to what it
//! says, and an encoder that reads what both let through.

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::category::UnknownName;
use crate::encoder::Encoder;
use crate::engine::{Engine, Runtime};
use crate::error::{Error, ErrorKind, Result};
use crate::gate::Gate;
use crate::model::{NetworkFiles, ScreeningSettings};
use crate::side_by_side::side_by_side;
use crate::window::Window;
use crate::{Category, Context, Manifest, Stage};

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
    /// The gate reads every window, a student what the gate does not hold for benign, and the encoder what neither does. Many
    /// times as fast on benign text, but what is turned down wrongly is lost: the model card says how much of what
    /// [`Mode::Encoder`] labels is kept.
    Cascade,
    /// The encoder reads every window. The default.
    #[default]
    Encoder,
    /// The gate and the student, a small transformer, read every window: a label says that the encoder ought to read the text.
    Student,
    /// The gate alone: a label says that a transformer ought to read the text.
    Gate,
}

impl Mode {
    /// Every mode, in the order in which they are offered to a person.
    pub const ALL: [Self; 4] = [Self::Cascade, Self::Encoder, Self::Student, Self::Gate];

    /// The name that [`Display`](fmt::Display) shows and [`FromStr`] reads: `cascade`, `encoder`, `student` or `gate`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cascade => "cascade",
            Self::Encoder => "encoder",
            Self::Student => "student",
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

/// What computes a network that needs no runtime, with its version.
pub(crate) const OWN_ARITHMETIC: &str = concat!("bellwether ", env!("CARGO_PKG_VERSION"));

/// What a network says of one window, before any calibration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WindowLogits {
    pub(crate) labels: [f32; Category::COUNT],
    pub(crate) context: [f32; Context::COUNT],
}

impl WindowLogits {
    /// What the gate says with what the student adds to it: label logits are sums, the context is the student's.
    fn and(self, student: Self) -> Self {
        let labels = std::array::from_fn(|label| self.labels[label] + student.labels[label]);
        Self { labels, context: student.context }
    }
}

/// What a stage says of one window.
pub(crate) struct Reading {
    pub(crate) stage: Stage,
    pub(crate) logits: WindowLogits,
}

/// The stages of a mode, loaded; a stage that the mode does not need is not.
pub(crate) struct Stages {
    runtime: Runtime,
    networks: Networks,
}

enum Networks {
    /// One behind the other.
    Cascade(Cascade),
    /// The encoder alone.
    Encoder(Encoder),
    /// The gate and the student, of every window.
    Student { gate: Gate, student: Encoder },
    /// The gate alone.
    Gate(Gate),
}

struct Cascade {
    gate: Gate,
    gate_settings: ScreeningSettings,
    student: Encoder,
    student_settings: ScreeningSettings,
    encoder: Encoder,
}

impl Cascade {
    /// What the first stage that sees no cause for the next says, or the last.
    fn read(&self, ids: &[u32]) -> Result<(Stage, WindowLogits)> {
        let logits = self.gate.run(ids)?;
        if !self.gate_settings.lets_through(&logits.labels) {
            return Ok((Stage::Gate, logits));
        }
        let logits = logits.and(self.student.run(ids)?);
        if !self.student_settings.lets_through(&logits.labels) {
            return Ok((Stage::Student, logits));
        }
        Ok((Stage::Encoder, self.encoder.run(ids)?))
    }
}

impl Stages {
    /// Loads what `mode` needs of a model's networks, for up to `parallelism` readings at once.
    pub(crate) fn load(
        mode: Mode,
        runtime: Runtime,
        manifest: &Manifest,
        files: NetworkFiles,
        parallelism: NonZeroUsize,
    ) -> Result<Self> {
        let NetworkFiles { gate, student, encoder } = files;
        let transformer = |file| Encoder::load(runtime, file, parallelism);
        let screens = |gate, student| Ok::<_, Error>((Gate::load(runtime, gate, parallelism)?, transformer(student)?));
        let networks = match mode {
            Mode::Cascade => {
                let (encoder, screens) = side_by_side(|| transformer(encoder), || screens(gate, student));
                let ((gate, student), encoder) = (screens?, encoder?);
                let (gate_settings, student_settings) = (manifest.gate().clone(), manifest.student().clone());
                Networks::Cascade(Cascade { gate, gate_settings, student, student_settings, encoder })
            }
            Mode::Encoder => Networks::Encoder(transformer(encoder)?),
            Mode::Student => {
                let (gate, student) = screens(gate, student)?;
                Networks::Student { gate, student }
            }
            Mode::Gate => Networks::Gate(Gate::load(runtime, gate, parallelism)?),
        };
        Ok(Self { runtime, networks })
    }

    /// Reads one window.
    pub(crate) fn read(&self, window: &Window) -> Result<Reading> {
        let (stage, logits) = match &self.networks {
            Networks::Encoder(encoder) => (Stage::Encoder, encoder.run(&window.ids)?),
            Networks::Student { gate, student } => (Stage::Student, gate.run(&window.ids)?.and(student.run(&window.ids)?)),
            Networks::Gate(gate) => (Stage::Gate, gate.run(&window.ids)?),
            Networks::Cascade(cascade) => cascade.read(&window.ids)?,
        };
        Ok(Reading { stage, logits })
    }

    /// The stages in use.
    pub(crate) const fn mode(&self) -> Mode {
        match &self.networks {
            Networks::Cascade(_) => Mode::Cascade,
            Networks::Encoder(_) => Mode::Encoder,
            Networks::Student { .. } => Mode::Student,
            Networks::Gate(_) => Mode::Gate,
        }
    }

    /// The runtime that was asked for.
    pub(crate) const fn runtime(&self) -> Runtime {
        self.runtime
    }

    /// What computes the stages, with versions.
    pub(crate) fn description(&self) -> String {
        match &self.networks {
            // The student and the encoder are loaded in one way.
            Networks::Cascade(Cascade { gate, encoder: transformer, .. }) | Networks::Student { gate, student: transformer } => {
                let (gate, transformer) = (gate.description(), transformer.description());
                if gate == transformer { gate } else { format!("{gate}, {transformer}") }
            }
            Networks::Encoder(encoder) => encoder.description(),
            Networks::Gate(gate) => gate.description(),
        }
    }
}

/// Runs one window through a runtime.
pub(crate) fn run(engine: &dyn Engine, ids: &[u32]) -> Result<WindowLogits> {
    let ids: Vec<i64> = ids.iter().map(|&id| i64::from(id)).collect();
    let fail = |detail: String| ErrorKind::Inference { runtime: engine.runtime(), detail };
    let input = ArrayView2::from_shape((1, ids.len()), &ids).map_err(|error| fail(error.to_string()))?;
    let logits = engine.run(input)?;
    let labels = logits.labels.iter().copied().collect::<Vec<_>>().try_into();
    let context = logits.context.iter().copied().collect::<Vec<_>>().try_into();
    match (labels, context) {
        (Ok(labels), Ok(context)) => Ok(WindowLogits { labels, context }),
        _ => Err(fail(format!("outputs have shapes {:?} and {:?}", logits.labels.shape(), logits.context.shape())).into()),
    }
}
