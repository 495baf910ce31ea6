//! What a run was, for the record beside its scores.

use bellwether::{Classifier, Mode, Profile};
use serde::Serialize;

use crate::disclosure::Disclosure;

/// What made the scores: the same texts and the same metadata give the same bytes. It holds no time and no place.
///
/// Parquet files have it in their key-value metadata, each name behind `bellwether.`; the other formats have no place for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunMetadata {
    version: &'static str,
    model_name: String,
    model_version: String,
    model_hash: String,
    mode: Mode,
    profile: Profile,
    max_windows: usize,
    runtime: String,
    with_text: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    redaction: Option<String>,
}

impl RunMetadata {
    /// A run with this classifier.
    #[must_use]
    pub fn new(classifier: &Classifier, disclosure: &Disclosure) -> Self {
        let manifest = classifier.manifest();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            model_name: manifest.name().to_owned(),
            model_version: manifest.version().to_owned(),
            model_hash: classifier.model_hash().to_owned(),
            mode: classifier.mode(),
            profile: classifier.profile(),
            max_windows: classifier.max_windows(),
            runtime: classifier.runtime_description(),
            with_text: disclosure.is_with_text(),
            redaction: disclosure.redactor().map(ToString::to_string),
        }
    }

    /// The version of Bellwether.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// The name that the model's manifest gives.
    #[must_use]
    pub fn model_name(&self) -> &str {
        &self.model_name
    }

    /// The version that the model's manifest gives.
    #[must_use]
    pub fn model_version(&self) -> &str {
        &self.model_version
    }

    /// The digest over all files of the model.
    #[must_use]
    pub fn model_hash(&self) -> &str {
        &self.model_hash
    }

    /// The stages that read the texts.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The profile that the labels are for.
    #[must_use]
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The most windows that were read of a text.
    #[must_use]
    pub const fn max_windows(&self) -> usize {
        self.max_windows
    }

    /// The runtime with its version and, if it has one, its library.
    #[must_use]
    pub fn runtime(&self) -> &str {
        &self.runtime
    }

    /// Whether texts are written.
    #[must_use]
    pub const fn is_with_text(&self) -> bool {
        self.with_text
    }

    /// The method of redaction and the fingerprint of its key, if anything was redacted.
    #[must_use]
    pub fn redaction(&self) -> Option<&str> {
        self.redaction.as_deref()
    }

    /// Every name with its value, as they stand in JSON; what there is none of is left out.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        [
            ("version", Some(self.version.to_owned())),
            ("model_name", Some(self.model_name.clone())),
            ("model_version", Some(self.model_version.clone())),
            ("model_hash", Some(self.model_hash.clone())),
            ("mode", Some(self.mode.to_string())),
            ("profile", Some(self.profile.to_string())),
            ("max_windows", Some(self.max_windows.to_string())),
            ("runtime", Some(self.runtime.clone())),
            ("with_text", Some(self.with_text.to_string())),
            ("redaction", self.redaction.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}
