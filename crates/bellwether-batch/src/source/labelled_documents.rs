//! Documents with what a person says of them, for measuring a classifier.

use std::collections::BTreeSet;

use bellwether::Category;
use serde::Deserialize;
use serde_json::Value;

use super::{Documents, Record};
use crate::{Annotation, LabelledDocument, RecordError, RecordErrorKind};

/// What a record that states no `labels` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AbsentLabels {
    /// An error: nobody has said what it is.
    Refused,
    /// A benign document: the input as a whole is known to hold nothing else.
    Benign,
}

/// The labelled documents of one input, in order.
///
/// Beside the fields of a [`Document`](crate::Document) a JSON line holds `labels` (an array of category names), and may hold
/// `sure` (a boolean, true if absent) and `group`, `pair` and `functionality` (strings). Other formats state nothing.
#[derive(Debug)]
pub struct LabelledDocuments {
    documents: Documents,
    absent_labels: AbsentLabels,
}

impl LabelledDocuments {
    pub(super) fn new(documents: Documents, absent_labels: AbsentLabels) -> Self {
        Self { documents, absent_labels }
    }

    fn parse(&self, record: Record) -> Result<LabelledDocument, RecordError> {
        let line = record.json_line();
        let place = line.map(|line| line.place.clone());
        let fields = line.map_or_else(|| Ok(Fields::default()), |line| serde_json::from_str(&line.text));
        // What is wrong with the document itself is told first.
        let document = record.into_document()?;
        let place = place.unwrap_or_else(|| document.id.to_string());
        let fields: Fields = fields.map_err(|error| RecordError::at(&place, RecordErrorKind::InvalidJson, error))?;
        let annotation = fields.check(self.absent_labels);
        let annotation = annotation.map_err(|detail| RecordError::at(&place, RecordErrorKind::InvalidAnnotation, detail))?;
        Ok(LabelledDocument { document, annotation })
    }
}

impl Iterator for LabelledDocuments {
    type Item = Result<LabelledDocument, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.documents.records.next()?;
        Some(self.parse(record))
    }
}

/// The fields as they stand in the object, of whatever type.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    labels: Value,
    sure: Value,
    group: Value,
    pair: Value,
    functionality: Value,
}

impl Fields {
    fn check(self, absent_labels: AbsentLabels) -> Result<Annotation, String> {
        Ok(Annotation {
            labels: labels(self.labels, absent_labels)?,
            sure: match self.sure {
                Value::Null => true,
                Value::Bool(sure) => sure,
                other => return Err(format!("the field \"sure\" is {other}, not true or false")),
            },
            group: string("group", self.group)?,
            pair: string("pair", self.pair)?,
            functionality: string("functionality", self.functionality)?,
        })
    }
}

fn labels(value: Value, absent: AbsentLabels) -> Result<BTreeSet<Category>, String> {
    let names = match (value, absent) {
        (Value::Array(names), _) => names,
        (Value::Null, AbsentLabels::Benign) => Vec::new(),
        (Value::Null, AbsentLabels::Refused) => {
            return Err("the object has no field \"labels\"; a document without any label has an empty array".to_owned());
        }
        (other, _) => return Err(format!("the field \"labels\" is {other}, not an array of names")),
    };
    let parse = |name: Value| match name {
        Value::String(name) => name.parse().map_err(|error| format!("in the field \"labels\", {error}")),
        other => Err(format!("in the field \"labels\", {other} is not a name")),
    };
    names.into_iter().map(parse).collect()
}

fn string(field: &str, value: Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        other => Err(format!("the field {field:?} is {other}, not a string")),
    }
}
