//! `manifest.toml`: what a model folder says of itself.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::operating_point::{OperatingPoint, Profile};
use super::thresholds::Thresholds;
use crate::error::{ErrorKind, Result};
use crate::window::WindowPlan;
use crate::{Category, Context, Probability, Scores};

/// The manifest format this version reads.
const FORMAT: u32 = 4;

/// The definition of the text view this version implements; a model trained on another would read other text.
const TEXT_VIEW: u32 = 4;

/// What a model says of itself: `manifest.toml`, parsed and checked.
///
/// Serializes to the same names as the file, for programs that record which model scored a corpus.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: u32,
    name: String,
    version: String,
    languages: Vec<String>,
    labels: Vec<String>,
    contexts: Vec<String>,
    text_view: u32,
    windows: WindowPlan,
    calibration: Calibration,
    operating_points: BTreeMap<Profile, OperatingPoint>,
    gate: ScreeningSettings,
    student: ScreeningSettings,
    held_benign: HeldBenign,
    files: BTreeMap<String, FileRecord>,
}

/// What the logits of the gate or of the student mean, and from which score of any label on the next stage reads a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreeningSettings {
    pub(crate) calibration: Calibration,
    pub(crate) thresholds: Thresholds,
}

impl ScreeningSettings {
    /// The scores, one a label, from which on the next stage reads a window.
    #[must_use]
    pub const fn thresholds(&self) -> Thresholds {
        self.thresholds
    }

    /// Whether a window with these logits is for the next stage to read.
    pub(crate) fn lets_through(&self, logits: &[f32; Category::COUNT]) -> bool {
        let scores = Scores::new(Category::ALL.map(|category| self.calibration.probability(category, logits[category as usize])));
        !self.thresholds.reached(&scores).is_empty()
    }
}

/// How often the encoder gives each label to benign documents that no training saw.
///
/// The thresholds of `review` and `strict` were set on these same documents: for them the counts say what was aimed at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldBenign {
    documents: u64,
    flagged: BTreeMap<Profile, BTreeMap<Category, FlagRate>>,
}

impl HeldBenign {
    /// The number of benign documents.
    #[must_use]
    pub const fn documents(&self) -> u64 {
        self.documents
    }

    /// How many of them a profile gives a label to, where that was counted.
    #[must_use]
    pub fn rate(&self, profile: Profile, category: Category) -> Option<FlagRate> {
        self.flagged.get(&profile)?.get(&category).copied()
    }
}

/// A count of flagged documents and the 95 % interval of their share (Wilson 1927).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagRate {
    /// Documents with the label.
    pub documents: u64,
    /// The lower end of the interval of their share.
    pub low: Probability,
    /// The upper end of it.
    pub high: Probability,
}

/// What a file of the model folder must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRecord {
    sha256: String,
    size: u64,
}

impl FileRecord {
    /// The SHA-256 digest, as 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The size in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }
}

impl Manifest {
    /// Parses and checks the text of a manifest; `path` is for the error message.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self> {
        let refuse = |detail: String| ErrorKind::Manifest { path: path.to_owned(), detail };
        let manifest: Self = toml::from_str(text).map_err(|error| refuse(error.to_string()))?;
        manifest.check().map_err(refuse)?;
        Ok(manifest)
    }

    fn check(&self) -> std::result::Result<(), String> {
        if self.format != FORMAT {
            return Err(format!("its format is {}, this version reads format {FORMAT}", self.format));
        }
        if self.text_view != TEXT_VIEW {
            return Err(format!("it was trained on text view {}, this version has {TEXT_VIEW}", self.text_view));
        }
        same_names("labels", &self.labels, &Category::ALL.map(Category::name))?;
        same_names("contexts", &self.contexts, &Context::ALL.map(Context::name))?;
        for (table, calibration) in [
            ("calibration", &self.calibration),
            ("gate.calibration", &self.gate.calibration),
            ("student.calibration", &self.student.calibration),
        ] {
            if let Some(bad) = Category::ALL.into_iter().find(|&category| !calibration.of(category).is_valid()) {
                return Err(format!("[{table}.{bad}] needs a positive scale and finite numbers"));
            }
        }
        if let Some(missing) = Profile::ALL.into_iter().find(|profile| !self.operating_points.contains_key(profile)) {
            return Err(format!("[operating_points.{missing}] is missing"));
        }
        // So the score of a text that the encoder has not read never reaches a profile's threshold.
        for (stage, settings) in [("gate", &self.gate), ("student", &self.student)] {
            for (profile, point) in &self.operating_points {
                if let Some(label) = Category::ALL.into_iter().find(|&c| point.threshold(c) < settings.thresholds.get(c)) {
                    return Err(format!("[{stage}.thresholds] {label} is above the threshold of {profile}"));
                }
            }
        }
        let unsafe_name = |name: &&String| name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.');
        match self.files.keys().find(unsafe_name) {
            Some(name) => Err(format!("{name:?} is not a plain file name")),
            None => Ok(()),
        }
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The model's version; raised with every trained model.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The languages the model declares, as ISO 639 codes. Text in others is scored, but nobody has measured how well.
    #[must_use]
    pub fn languages(&self) -> &[String] {
        &self.languages
    }

    /// What makes a label of a score under a profile.
    #[must_use]
    pub fn operating_point(&self, profile: Profile) -> OperatingPoint {
        // `check` has seen every profile.
        self.operating_points[&profile]
    }

    /// What the gate's logits mean and what it lets through.
    #[must_use]
    pub const fn gate(&self) -> &ScreeningSettings {
        &self.gate
    }

    /// What the student's logits mean and what it lets through.
    #[must_use]
    pub const fn student(&self) -> &ScreeningSettings {
        &self.student
    }

    /// How often each profile flags benign documents.
    #[must_use]
    pub const fn held_benign(&self) -> &HeldBenign {
        &self.held_benign
    }

    /// The files of the folder, by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &FileRecord)> {
        self.files.iter().map(|(name, record)| (name.as_str(), record))
    }

    pub(crate) fn file(&self, name: &str) -> Option<&FileRecord> {
        self.files.get(name)
    }

    pub(crate) const fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    pub(crate) const fn window_plan(&self) -> WindowPlan {
        self.windows
    }
}

fn same_names(what: &str, found: &[String], expected: &[&str]) -> std::result::Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "it has {} {what} ({}), this version needs {} ({}), in this order",
        found.len(),
        found.join(", "),
        expected.len(),
        expected.join(", ")
    ))
}
