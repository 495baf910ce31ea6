//! The lines of an input as text that knows its place.

use std::fmt;

use super::MAX_LINE_BYTES;
use super::line_reader::{Line, LineReader};
use super::ratio;
use crate::{RecordError, RecordErrorKind};

/// A line of an input.
#[derive(Debug)]
pub(super) struct TextLine {
    /// `input:line`, for messages and for records without a name.
    pub(super) place: String,
    pub(super) text: String,
}

impl TextLine {
    /// Why this line is no record.
    pub(super) fn error(&self, kind: RecordErrorKind, detail: impl fmt::Display) -> RecordError {
        RecordError::at(self.place.as_str(), kind, detail)
    }
}

/// The lines of one input, in order; those that are not text are errors.
#[derive(Debug)]
pub(super) struct TextLines {
    lines: LineReader,
    name: String,
}

impl TextLines {
    pub(super) fn new(lines: LineReader, name: String) -> Self {
        Self { lines, name }
    }
}

impl Iterator for TextLines {
    type Item = Result<TextLine, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (number, line) = self.lines.next()?;
        let place = format!("{}:{number}", self.name);
        Some(match line {
            Line::Whole(line) => match String::from_utf8(line) {
                Ok(text) => Ok(TextLine { place, text }),
                Err(error) => Err(RecordError::at(place, RecordErrorKind::InvalidUtf8, &error)),
            },
            Line::TooLong { bytes } => {
                let detail = format!("the line is {bytes} bytes long, over the limit of {MAX_LINE_BYTES}");
                Err(RecordError::at(place, RecordErrorKind::LimitExceeded, &detail))
            }
            Line::Broken(error) => {
                let detail = format!("the input cannot be read further: {error}");
                Err(RecordError::at(place, ratio::kind(&error), &detail))
            }
        })
    }
}
