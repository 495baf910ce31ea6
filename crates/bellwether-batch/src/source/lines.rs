//! Formats with a document a line.

use std::io::Read;

use super::fields::FieldNames;
use super::line_reader::{Line, LineReader, MAX_LINE_BYTES};
use super::record::Record;
use crate::{Document, RecordError, RecordErrorKind};

/// The documents of an input with one a line.
pub(super) struct Lines {
    input: LineReader,
    name: String,
    /// What to look for in JSON objects; none if a line is a text.
    fields: Option<FieldNames>,
}

impl Lines {
    pub(super) fn of_json(bytes: Box<dyn Read + Send>, name: String, fields: FieldNames) -> Self {
        Self { input: LineReader::new(bytes), name, fields: Some(fields) }
    }

    pub(super) fn of_text(bytes: Box<dyn Read + Send>, name: String) -> Self {
        Self { input: LineReader::new(bytes), name, fields: None }
    }
}

impl Iterator for Lines {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let (number, line) = self.input.next()?;
        let place = format!("{}:{number}", self.name);
        let failed = |kind, detail: &dyn std::fmt::Display| Record::failed(&place, kind, detail);
        Some(match line {
            Line::Whole(line) => match (String::from_utf8(line), &self.fields) {
                (Err(error), _) => failed(RecordErrorKind::InvalidUtf8, &error.utf8_error()),
                (Ok(line), Some(fields)) => object(fields, &line, &place),
                (Ok(text), None) => Ok(Document::new(place, text)).into(),
            },
            Line::TooLong { bytes } => {
                let detail = format!("the line is {bytes} bytes long, over the limit of {MAX_LINE_BYTES}");
                failed(RecordErrorKind::LimitExceeded, &detail)
            }
            Line::Broken(error) => {
                failed(RecordErrorKind::UnreadableInput, &format!("the input cannot be read further: {error}"))
            }
        })
    }
}

fn object(fields: &FieldNames, line: &str, place: &str) -> Record {
    let found = match fields.parse(line) {
        Ok(found) => found,
        Err(error) => return Record::failed(place, RecordErrorKind::InvalidJson, error),
    };
    let id = found.id.unwrap_or_else(|| place.into());
    let Some(text) = found.text else {
        let message = format!("{place}: the object has no string in its field {:?}", fields.text);
        return Err(RecordError::new(id, RecordErrorKind::MissingText, message)).into();
    };
    Ok(Document { lang: found.lang, ..Document::new(id, text) }).into()
}
