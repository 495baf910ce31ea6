//! Model folders: what they say of themselves, and that they are what they say.

pub(crate) mod calibration;
pub(crate) mod external_data;
mod folder;
mod manifest;
pub(crate) mod onnx;
mod operating_point;
mod thresholds;

pub use folder::ModelFolder;
pub(crate) use folder::{ModelFile, NetworkFiles};
pub use manifest::{FileRecord, FlagRate, HeldBenign, Manifest, ScreeningSettings};
pub use operating_point::{OperatingPoint, Profile};
pub use thresholds::Thresholds;
