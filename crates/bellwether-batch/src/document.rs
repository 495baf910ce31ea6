//! Documents on their way in, and why a record did not become one.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::redaction::Redactor;

/// The name of a document: what its source calls it, or where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum DocumentId {
    /// A number in the source.
    Number(serde_json::Number),
    /// A string in the source, or `input:line` where the source has no name for it.
    Text(String),
}

impl DocumentId {
    /// The name with pseudonyms; a number names nobody by itself.
    pub(crate) fn redacted(self, redactor: &Redactor) -> Self {
        match self {
            Self::Text(text) => Self::Text(redactor.redact(&text).into_owned()),
            number @ Self::Number(_) => number,
        }
    }
}

impl From<&str> for DocumentId {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for DocumentId {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.pad(text),
        }
    }
}

/// One text to score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its name, repeated in the output.
    pub id: DocumentId,
    /// The text itself.
    pub text: String,
    /// The language its source states, as an ISO 639 code; repeated in the output.
    pub lang: Option<String>,
    /// When it was captured, as its source writes it (`WARC-Date`, ISO 8601 in UTC); repeated in the output.
    pub date: Option<String>,
    /// The digest of what was captured, as its source writes it (`WARC-Payload-Digest`, `algorithm:value`); repeated in
    /// the output.
    pub digest: Option<String>,
}

impl Document {
    /// A document of which its source says no more.
    pub fn new(id: impl Into<DocumentId>, text: impl Into<String>) -> Self {
        Self { id: id.into(), text: text.into(), lang: None, date: None, digest: None }
    }
}

/// Why a record could not be scored. The names in JSON are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordErrorKind {
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// The line is not a JSON object.
    InvalidJson,
    /// The object has no text field, or it is not a string; or the table has no such column, or the row nothing in it.
    MissingText,
    /// The record is not what its format asks for: a table row with too many or too few values, a column of another type, an
    /// archive record whose header or length is wrong.
    MalformedRecord,
    /// A page, or a Parquet file, is compressed or encrypted in a way that is not read, or not in the way that it states.
    UnsupportedEncoding,
    /// What labelled data says of the document is missing or not understood: labels, and what goes with them.
    InvalidAnnotation,
    /// The text holds nothing but white space and invisible characters.
    EmptyText,
    /// The record is larger than a named limit.
    LimitExceeded,
    /// The input broke off here: it is truncated, damaged, or could not be read further.
    UnreadableInput,
    /// The classifier failed on the text.
    Classification,
}

impl RecordErrorKind {
    /// The name used in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "invalid_utf8",
            Self::InvalidJson => "invalid_json",
            Self::MissingText => "missing_text",
            Self::MalformedRecord => "malformed_record",
            Self::UnsupportedEncoding => "unsupported_encoding",
            Self::InvalidAnnotation => "invalid_annotation",
            Self::EmptyText => "empty_text",
            Self::LimitExceeded => "limit_exceeded",
            Self::UnreadableInput => "unreadable_input",
            Self::Classification => "classification",
        }
    }
}

impl fmt::Display for RecordErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A record that could not be scored: where it stands, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordError {
    /// The kind of failure, to count and filter by.
    pub kind: RecordErrorKind,
    /// What happened and where, for a person.
    pub message: String,
    #[serde(skip)]
    pub(crate) id: DocumentId,
}

impl RecordError {
    pub(crate) fn new(id: DocumentId, kind: RecordErrorKind, message: String) -> Self {
        Self { kind, message, id }
    }

    /// The error of a record without a name, at its place in the input.
    pub(crate) fn at(place: impl Into<String>, kind: RecordErrorKind, detail: impl fmt::Display) -> Self {
        let place = place.into();
        let message = format!("{place}: {detail}");
        Self::new(place.into(), kind, message)
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RecordError {}
