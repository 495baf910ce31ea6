//! Comma- and tab-separated values below a row of column names.

use std::io::{self, Read};

use csv_core::ReadRecordResult;

use super::fields::FieldNames;
use super::ratio;
use super::record::Record;
use super::rewindable::Rewindable;
use crate::{Document, DocumentId, RecordErrorKind};

/// The longest row that is read, in bytes: 32 MiB. A longer one becomes an error, and reading goes on at its second line:
/// it is a quote that nobody closed.
pub const MAX_ROW_BYTES: usize = 32 << 20;

/// The most columns that a row may have: 65,536. A row with more becomes an error.
pub const MAX_COLUMNS: usize = 1 << 16;

/// The documents of a table.
pub(super) struct DelimitedRows {
    bytes: Rewindable<Box<dyn Read + Send>>,
    parser: csv_core::Reader,
    name: String,
    fields: FieldNames,
    columns: Option<Columns>,
    ended: bool,
    row: Row,
}

/// The values of a row, one behind the other, and where each ends.
#[derive(Default)]
struct Row {
    line: u64,
    values: Vec<u8>,
    ends: Vec<usize>,
}

/// Where the columns stand.
struct Columns {
    count: usize,
    text: usize,
    id: Option<usize>,
    lang: Option<usize>,
}

/// How reading a row ended.
enum Outcome {
    Row,
    End,
    TooLong,
    TooManyColumns,
}

impl DelimitedRows {
    /// RFC 4180, with any line end.
    pub(super) fn comma(bytes: Box<dyn Read + Send>, name: String, fields: FieldNames) -> Self {
        Self::new(csv_core::ReaderBuilder::new().build(), bytes, name, fields)
    }

    /// `text/tab-separated-values`: a quotation mark is a character like others.
    pub(super) fn tab(bytes: Box<dyn Read + Send>, name: String, fields: FieldNames) -> Self {
        Self::new(csv_core::ReaderBuilder::new().delimiter(b'\t').quoting(false).build(), bytes, name, fields)
    }

    fn new(parser: csv_core::Reader, bytes: Box<dyn Read + Send>, name: String, fields: FieldNames) -> Self {
        let bytes = Rewindable::new(bytes, usize::MAX);
        Self { bytes, parser, name, fields, columns: None, ended: false, row: Row::default() }
    }

    /// Reads the next row.
    fn read_row(&mut self) -> io::Result<Outcome> {
        let line = self.parser.line() + self.pass_blank_lines()?;
        self.parser.set_line(line);
        self.bytes.mark();
        self.row = Row { line, values: vec![0; 4 << 10], ends: vec![0; 64] };
        let (mut written, mut ended, mut taken) = (0, 0, 0);
        loop {
            let input = self.bytes.peek(1)?;
            let (result, read, wrote, ends) =
                self.parser.read_record(input, &mut self.row.values[written..], &mut self.row.ends[ended..]);
            self.bytes.skip(read);
            (written, ended, taken) = (written + wrote, ended + ends, taken + read);
            match result {
                ReadRecordResult::InputEmpty if taken > MAX_ROW_BYTES => return Ok(Outcome::TooLong),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if written >= MAX_ROW_BYTES => return Ok(Outcome::TooLong),
                ReadRecordResult::OutputFull => self.row.values.resize(self.row.values.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if ended >= MAX_COLUMNS => return Ok(Outcome::TooManyColumns),
                ReadRecordResult::OutputEndsFull => self.row.ends.resize(self.row.ends.len() * 2, 0),
                ReadRecordResult::Record => {
                    self.row.values.truncate(written);
                    self.row.ends.truncate(ended);
                    return Ok(Outcome::Row);
                }
                ReadRecordResult::End => return Ok(Outcome::End),
            }
        }
    }

    /// Passes over the line ends here, and says how many lines they end.
    fn pass_blank_lines(&mut self) -> io::Result<u64> {
        let mut lines = 0;
        loop {
            match self.bytes.peek(1)?.first() {
                Some(b'\n') => lines += 1,
                Some(b'\r') => {}
                _ => return Ok(lines),
            }
            self.bytes.skip(1);
            self.bytes.mark();
        }
    }

    /// Goes on at the line behind the first one of a row that could not be read.
    fn recover(&mut self) -> io::Result<()> {
        if self.bytes.may_rewind() {
            self.bytes.rewind(0);
        }
        loop {
            let ahead = self.bytes.peek(1)?;
            let (passed, found) = match memchr::memchr(b'\n', ahead) {
                Some(at) => (at + 1, true),
                None => (ahead.len(), ahead.is_empty()),
            };
            self.bytes.skip(passed);
            self.bytes.mark();
            if found {
                break;
            }
        }
        self.parser.reset();
        self.parser.set_line(self.row.line + 1);
        Ok(())
    }

    /// The row as a record; none if it was the one with the column names.
    fn record(&mut self) -> Option<Record> {
        let place = format!("{}:{}", self.name, self.row.line);
        let Some(columns) = &self.columns else {
            self.columns = Columns::find(&self.row, &self.fields);
            self.ended = self.columns.is_none();
            let detail = format!("no column is called {:?}, so nothing of this input can be read", self.fields.text);
            return self.ended.then(|| Record::failed(&place, RecordErrorKind::MissingText, detail));
        };
        let count = self.row.ends.len();
        if count != columns.count {
            let detail = format!("the row has {count} values for {} columns", columns.count);
            return Some(Record::failed(&place, RecordErrorKind::MalformedRecord, detail));
        }
        let value = |column| str::from_utf8(self.row.value(column));
        let optional = |column: Option<usize>| column.map(value).transpose().map(|text| text.filter(|text| !text.is_empty()));
        Some(match (value(columns.text), optional(columns.id), optional(columns.lang)) {
            (Ok(text), Ok(id), Ok(lang)) => {
                let id = id.map_or_else(|| DocumentId::from(place), DocumentId::from);
                Ok(Document { lang: lang.map(str::to_owned), ..Document::new(id, text) }).into()
            }
            (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => {
                Record::failed(&place, RecordErrorKind::InvalidUtf8, error)
            }
        })
    }

    /// An error at the row that was begun. Without column names nothing that follows can be read.
    fn failed(&mut self, kind: RecordErrorKind, detail: impl std::fmt::Display) -> Record {
        self.ended |= self.columns.is_none();
        Record::failed(&format!("{}:{}", self.name, self.row.line), kind, detail)
    }
}

impl Iterator for DelimitedRows {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while !self.ended {
            let over = match self.read_row() {
                Ok(Outcome::Row) => match self.record() {
                    Some(record) => return Some(record),
                    None => continue,
                },
                Ok(Outcome::End) => break,
                Ok(Outcome::TooLong) => format!("the row is over the limit of {MAX_ROW_BYTES} bytes"),
                Ok(Outcome::TooManyColumns) => format!("the row has more columns than the limit of {MAX_COLUMNS}"),
                Err(error) => return Some(self.broken(&error)),
            };
            return Some(match self.recover() {
                Ok(()) => self.failed(RecordErrorKind::LimitExceeded, over),
                Err(error) => self.broken(&error),
            });
        }
        self.ended = true;
        None
    }
}

impl DelimitedRows {
    fn broken(&mut self, error: &io::Error) -> Record {
        self.ended = true;
        self.failed(ratio::kind(error), format!("the input cannot be read further: {error}"))
    }
}

impl Row {
    fn value(&self, column: usize) -> &[u8] {
        let begin = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.values[begin..self.ends[column]]
    }
}

impl Columns {
    fn find(names: &Row, fields: &FieldNames) -> Option<Self> {
        let count = names.ends.len();
        let column = |name: &str| (0..count).find(|&column| names.value(column).trim_ascii() == name.as_bytes());
        Some(Self { count, text: column(&fields.text)?, id: column(&fields.id), lang: column(&fields.lang) })
    }
}
