//! Everything that the scores of a job depend on, apart from its inputs.

use bellwether::Classifier;
use serde::Serialize;
use serde_json::Value;

use super::digest;
use super::{Duplicates, JobBuilder};
use crate::sink::RunMetadata;

/// What decides how a job's output looks: one output folder has one configuration, for ever.
///
/// Threads, limits of errors and progress are not in it: they change nothing in the output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// The model, how it is run, and what of the documents' words is written.
    #[serde(flatten)]
    pub metadata: RunMetadata,
    /// The format of every input, if it was stated.
    pub input_format: Option<String>,
    /// The field with the text.
    pub text_field: String,
    /// The field with the document's name.
    pub id_field: String,
    /// The format of the output.
    pub output_format: String,
    /// The most records of a part.
    pub part_records: u64,
    /// From how many bytes of records on a part ends.
    pub part_bytes: u64,
    /// What is done with texts that come more than once.
    pub duplicates: Duplicates,
}

impl Configuration {
    pub(super) fn new(job: &JobBuilder, classifier: &Classifier) -> Self {
        let (input_format, text_field, id_field) = job.reader.choices();
        Self {
            metadata: RunMetadata::new(classifier, &job.disclosure),
            input_format: input_format.map(|format| format.name().to_owned()),
            text_field: text_field.to_owned(),
            id_field: id_field.to_owned(),
            output_format: job.output_format.to_string(),
            part_records: job.part_records.get(),
            part_bytes: job.part_bytes.get(),
            duplicates: job.duplicates,
        }
    }

    /// The SHA-256 digest of its JSON, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        digest::of_bytes(self.to_json().to_string().as_bytes())
    }

    pub(super) fn to_json(&self) -> Value {
        // Strings, numbers and names: nothing of it can fail to become JSON.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Where it differs from one that was stored, in words.
    pub(super) fn differences(&self, stored: &Value) -> Vec<String> {
        let nothing = serde_json::Map::new();
        let own = self.to_json();
        let (own, stored) = (own.as_object().unwrap_or(&nothing), stored.as_object().unwrap_or(&nothing));
        let names: std::collections::BTreeSet<&String> = own.keys().chain(stored.keys()).collect();
        let said = |value: Option<&Value>| value.map_or_else(|| "not stated".to_owned(), Value::to_string);
        names
            .into_iter()
            .filter(|&name| own.get(name) != stored.get(name))
            .map(|name| format!("{name} was {}, now it is {}", said(stored.get(name)), said(own.get(name))))
            .collect()
    }
}
