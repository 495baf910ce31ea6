//! Parquet: tables stored by column, in row groups.
//!
//! The footer and the pages' headers are read here, and pages are unpacked here, one for each wanted column at a time and
//! none over its limit; the parquet crate takes their values apart.

mod codec;
mod columns;
mod delta;
mod failure;
mod footer;
mod page_header;
mod pages;
mod schema;
mod seekable;
mod thrift;

use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::fields::FieldNames;
use super::record::Record;
use crate::{Document, DocumentId, RecordError, RecordErrorKind};
use columns::{Column, Value, Values, Wanted};
use failure::Failure;
use footer::{Chunk, Footer, RowGroup};
pub use footer::{MAX_FOOTER_BYTES, MAX_ROW_GROUP_ROWS, MAX_ROW_GROUPS};
use pages::Pages;
pub use pages::{MAX_DICTIONARY_VALUES, MAX_PAGE_BYTES, MAX_PAGE_HEADER_BYTES, MAX_PAGE_VALUES};
use seekable::Seekable;

/// The longest text of a row of a Parquet file, in bytes: 32 MiB. A longer one becomes an error.
pub const MAX_VALUE_BYTES: usize = 32 << 20;

/// The longest name and the longest language of a row of a Parquet file, in bytes: 64 KiB.
pub const MAX_NAME_BYTES: usize = 64 << 10;

/// The most bytes that the texts of a row group may have together: 16 GiB. A few bytes of file can stand for any number of
/// long texts, where they are all the same.
pub const MAX_ROW_GROUP_TEXT_BYTES: u64 = 16 << 30;

/// The documents of a Parquet file.
pub(super) struct ParquetRows {
    file: Arc<Seekable>,
    name: String,
    fields: FieldNames,
    count: Box<dyn FnMut(u64) + Send>,
    counted: u64,
    footer: Option<Footer>,
    /// The row group that is read next.
    next: usize,
    /// How many rows stand before it.
    before: u64,
    group: Option<OpenGroup>,
    ended: bool,
}

/// A row group that is being read.
struct OpenGroup {
    values: Wanted<Values>,
    rows: u64,
    row: u64,
    text_bytes: u64,
}

/// The values of a row.
type Row = Wanted<Option<Value>>;

impl ParquetRows {
    /// `count` is told of bytes as row groups are done with, of all columns together.
    pub(super) fn new(
        bytes: impl Read + Seek + Send + 'static,
        name: String,
        fields: FieldNames,
        count: impl FnMut(u64) + Send + 'static,
    ) -> std::io::Result<Self> {
        let file = Arc::new(Seekable::new(bytes)?);
        let count = Box::new(count);
        let (counted, next, before) = (0, 0, 0);
        Ok(Self { file, name, fields, count, counted, footer: None, next, before, group: None, ended: false })
    }

    /// What the next row, or the next row group that cannot be read, becomes; none where there is nothing to say yet.
    fn step(&mut self) -> Option<Record> {
        let Some(footer) = &self.footer else { return self.read_footer() };
        if let Some(group) = &mut self.group {
            let place = format!("{}:{}", self.name, self.before + group.row + 1);
            return match guarded(|| group.read()) {
                Ok(Some(row)) => Some(document(row, place).into()),
                Ok(None) => {
                    self.close();
                    None
                }
                Err(failure) => Some(self.lost(&place, &failure)),
            };
        }
        let Some(group) = footer.row_groups.get(self.next) else {
            let (stated, found) = (footer.stated_rows, self.before);
            self.end();
            return (stated != found).then(|| {
                let detail = format!("the file states {stated} rows, but its row groups have {found}");
                Record::failed(&self.name, RecordErrorKind::UnreadableInput, detail)
            });
        };
        match guarded(|| OpenGroup::new(&self.file, &footer.columns, group)) {
            Ok(group) => {
                self.group = Some(group);
                None
            }
            Err(failure) => {
                let place = format!("{}:{}", self.name, self.before + 1);
                Some(self.lost(&place, &failure))
            }
        }
    }

    /// Reads the footer, without which nothing can be read.
    fn read_footer(&mut self) -> Option<Record> {
        let fields = &self.fields;
        let names = Wanted { text: &*fields.text, id: Some(&*fields.id), lang: Some(&*fields.lang) };
        match guarded(|| Footer::read(&self.file, &names)) {
            Ok(footer) => {
                self.footer = Some(footer);
                None
            }
            Err(Failure { kind, detail }) => {
                self.end();
                Some(Record::failed(&self.name, kind, detail))
            }
        }
    }

    /// Gives a row group up, and says so.
    fn lost(&mut self, place: &str, failure: &Failure) -> Record {
        let number = self.next + 1;
        let read = self.group.as_ref().map_or(0, |group| group.row);
        let rows = self.close().saturating_sub(read);
        let detail = format!("row group {number} cannot be read further, and {rows} rows are lost: {}", failure.detail);
        Record::failed(place, failure.kind, detail)
    }

    /// Goes on to the next row group; says how many rows this one had.
    fn close(&mut self) -> u64 {
        self.group = None;
        let Some(group) = self.footer.as_ref().and_then(|footer| footer.row_groups.get(self.next)) else { return 0 };
        let bytes = group.bytes.min(self.file.length() - self.counted);
        self.counted += bytes;
        (self.count)(bytes);
        self.next += 1;
        self.before = self.before.saturating_add(group.rows);
        group.rows
    }

    fn end(&mut self) {
        self.ended = true;
        (self.count)(self.file.length() - self.counted);
        self.counted = self.file.length();
    }
}

impl Iterator for ParquetRows {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while !self.ended {
            if let Some(record) = self.step() {
                return Some(record);
            }
        }
        None
    }
}

impl OpenGroup {
    fn new(file: &Arc<Seekable>, columns: &Wanted<Column>, group: &RowGroup) -> Result<Self, Failure> {
        group.check(file)?;
        let values = |column: Column, chunk: &Chunk| Values::new(column, Box::new(Pages::new(Arc::clone(file), column, chunk)?));
        let optional = |column: Option<Column>, chunk: &Option<Chunk>| {
            column.zip(chunk.as_ref()).map(|(column, chunk)| values(column, chunk)).transpose()
        };
        let values = Wanted {
            text: values(columns.text, &group.chunks.text)?,
            id: optional(columns.id, &group.chunks.id)?,
            lang: optional(columns.lang, &group.chunks.lang)?,
        };
        Ok(Self { values, rows: group.rows, row: 0, text_bytes: 0 })
    }

    /// The next row, none behind the last.
    fn read(&mut self) -> Result<Option<Row>, Failure> {
        if self.row == self.rows {
            return Ok(None);
        }
        let optional = |values: &mut Option<Values>| values.as_mut().map(Values::next).transpose();
        let Wanted { text, id, lang } = &mut self.values;
        let row = Wanted { text: text.next()?, id: optional(id)?, lang: optional(lang)? };
        if let Some(Value::Text(text)) = &row.text {
            self.text_bytes += text.len() as u64;
        }
        if self.text_bytes > MAX_ROW_GROUP_TEXT_BYTES {
            let detail = format!("its texts have more bytes than the limit of {MAX_ROW_GROUP_TEXT_BYTES}");
            return Err(Failure::limit(detail));
        }
        self.row += 1;
        Ok(Some(row))
    }
}

/// The document of a row.
fn document(row: Row, place: String) -> Result<Document, RecordError> {
    let error = |kind, detail: String| RecordError::at(place.as_str(), kind, detail);
    let text = |value: Option<Value>, limit: usize| match value {
        Some(Value::Text(bytes)) if bytes.len() > limit => {
            let detail = format!("a value has {} bytes, over the limit of {limit}", bytes.len());
            Err(error(RecordErrorKind::LimitExceeded, detail))
        }
        Some(Value::Text(bytes)) => match str::from_utf8(bytes.data()) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(problem) => Err(error(RecordErrorKind::InvalidUtf8, problem.to_string())),
        },
        _ => Ok(None),
    };
    let id = match row.id.flatten() {
        Some(Value::Integer(number)) => Some(DocumentId::Number(number)),
        value => text(value, MAX_NAME_BYTES)?.filter(|id| !id.is_empty()).map(DocumentId::Text),
    };
    let lang = text(row.lang.flatten(), MAX_NAME_BYTES)?.filter(|lang| !lang.is_empty());
    let text = text(row.text, MAX_VALUE_BYTES)?;
    let message = format!("{place}: the row has no text");
    let id = id.unwrap_or(DocumentId::Text(place));
    match text {
        Some(text) => Ok(Document { lang, ..Document::new(id, text) }),
        None => Err(RecordError::new(id, RecordErrorKind::MissingText, message)),
    }
}

/// Nothing panics on input: where the parquet crate does, that is a damaged file.
fn guarded<T>(read: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    // What was being read is given up then, so nobody sees it half changed.
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(Failure::damaged("its values are damaged")))
}
