//! Records: read from their input, not yet taken apart.

use super::json_lines::JsonLine;
use super::text_lines::TextLine;
use super::web_archive::Page;
use crate::{Document, RecordError, RecordErrorKind};

/// A record that has been read but not yet made into a document.
///
/// Making a document of it, of a web page above all, takes long compared with reading it, so [`into_document`](Self::into_document) is
/// for the threads that score, and reading for the one that reads.
#[derive(Debug)]
pub struct Record(Content);

#[derive(Debug)]
enum Content {
    Ready(Result<Document, RecordError>),
    Json(JsonLine),
    Page(Box<Page>),
}

impl Record {
    /// How much memory it holds, in bytes; what an error holds is not counted.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.0 {
            Content::Ready(document) => document.as_ref().map_or(0, |document| document.text.len()),
            Content::Json(json) => json.line.text.len(),
            Content::Page(page) => page.bytes(),
        }
    }

    /// The document, or why there is none.
    ///
    /// # Errors
    /// If the record is damaged, over a limit, or not text.
    pub fn into_document(self) -> Result<Document, RecordError> {
        match self.0 {
            Content::Ready(document) => document,
            Content::Json(json) => json.into_document(),
            Content::Page(page) => page.into_document(),
        }
    }

    /// The line of JSON that the record is, if it is one.
    pub(super) const fn json_line(&self) -> Option<&TextLine> {
        match &self.0 {
            Content::Json(json) => Some(&json.line),
            Content::Ready(_) | Content::Page(_) => None,
        }
    }

    /// A record that is an error, called by its place.
    pub(super) fn failed(place: &str, kind: RecordErrorKind, detail: impl std::fmt::Display) -> Self {
        Err(RecordError::at(place, kind, detail)).into()
    }
}

impl From<Result<Document, RecordError>> for Record {
    fn from(document: Result<Document, RecordError>) -> Self {
        Self(Content::Ready(document))
    }
}

impl From<JsonLine> for Record {
    fn from(line: JsonLine) -> Self {
        Self(Content::Json(line))
    }
}

impl From<Page> for Record {
    fn from(page: Page) -> Self {
        Self(Content::Page(Box::new(page)))
    }
}
