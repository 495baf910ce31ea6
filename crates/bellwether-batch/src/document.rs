//! Documents on their way in, and what is said of them on their way out.

use std::fmt;

use bellwether::{Classification, Classifier};
use serde::{Deserialize, Serialize, Serializer};

use crate::Language;

/// The name of a document: what its source calls it, or where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum DocumentId {
    /// A number in the source.
    Number(serde_json::Number),
    /// A string in the source, or `input:line` where the source has no name for it.
    Text(String),
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

/// A document with its classification or its error: one line of output.
///
/// It serializes to the object that `bellwether score` prints. A scored document has `id`, the names of
/// [`Classification`], `lang` (as its source states it, else identified, null if that is not possible), `lang_supported`
/// (whether the model declares it, null if the language is not known), `date` and `digest` if the source states them,
/// `duplicate_of` if it shares the classification of an earlier document, and `"error": null`; a failed one has `id` and `error` with `kind` and `message`. The offsets of `evidence` are into
/// [`Document::text`]: for a page of a web archive that is its main text, and not the page as it was served.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredDocument {
    id: DocumentId,
    outcome: Result<Scored, RecordError>,
    duplicate_of: Option<DocumentId>,
}

#[derive(Debug, Clone, PartialEq)]
struct Scored {
    classification: Classification,
    language: Language,
    date: Option<String>,
    digest: Option<String>,
}

impl ScoredDocument {
    /// Scores a document, or passes on the error of a record that did not become one.
    #[must_use]
    pub fn score(classifier: &Classifier, record: Result<Document, RecordError>) -> Self {
        match record {
            Ok(document) => match classify(classifier, &document) {
                Ok(classification) => Self::classified(classifier, document, classification),
                Err(error) => Self::failed(error),
            },
            Err(error) => Self::failed(error),
        }
    }

    /// A document whose classification is known already.
    pub(crate) fn classified(classifier: &Classifier, document: Document, classification: Classification) -> Self {
        let Document { id, text, lang, date, digest } = document;
        let language = Language::of(&text, lang, classifier.manifest());
        Self { id, outcome: Ok(Scored { classification, language, date, digest }), duplicate_of: None }
    }

    fn failed(error: RecordError) -> Self {
        Self { id: error.id.clone(), outcome: Err(error), duplicate_of: None }
    }

    /// Says that the text is another document's, whose classification this one shares.
    pub(crate) fn mark_duplicate_of(&mut self, id: DocumentId) {
        self.duplicate_of = Some(id);
    }

    /// The first document with the same text, where a [`Job`](crate::job::Job) looks for that.
    #[must_use]
    pub const fn duplicate_of(&self) -> Option<&DocumentId> {
        self.duplicate_of.as_ref()
    }

    /// The document's name.
    #[must_use]
    pub const fn id(&self) -> &DocumentId {
        &self.id
    }

    /// What the classifier said.
    ///
    /// # Errors
    /// Why it could not say anything.
    pub fn outcome(&self) -> Result<&Classification, &RecordError> {
        self.outcome.as_ref().map(|scored| &scored.classification)
    }

    /// The language of a document that could be scored.
    #[must_use]
    pub fn language(&self) -> Option<&Language> {
        self.outcome.as_ref().ok().map(|scored| &scored.language)
    }
}

fn classify(classifier: &Classifier, Document { id, text, .. }: &Document) -> Result<Classification, RecordError> {
    classifier.classify(text).map_err(|error| {
        let kind = if error.is_empty_text() { RecordErrorKind::EmptyText } else { RecordErrorKind::Classification };
        RecordError::new(id.clone(), kind, error.to_string())
    })
}

impl Serialize for ScoredDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Line<'a> {
            Scored {
                id: &'a DocumentId,
                #[serde(flatten)]
                classification: &'a Classification,
                #[serde(flatten)]
                language: &'a Language,
                #[serde(skip_serializing_if = "Option::is_none")]
                date: Option<&'a str>,
                #[serde(skip_serializing_if = "Option::is_none")]
                digest: Option<&'a str>,
                #[serde(skip_serializing_if = "Option::is_none")]
                duplicate_of: Option<&'a DocumentId>,
                error: (),
            },
            Failed {
                id: &'a DocumentId,
                error: &'a RecordError,
            },
        }
        let id = &self.id;
        let line = match &self.outcome {
            Ok(Scored { classification, language, date, digest }) => {
                let (date, digest) = (date.as_deref(), digest.as_deref());
                let duplicate_of = self.duplicate_of.as_ref();
                Line::Scored { id, classification, language, date, digest, duplicate_of, error: () }
            }
            Err(error) => Line::Failed { id, error },
        };
        line.serialize(serializer)
    }
}
