//! Comma-separated values, as RFC 4180 has them but for line ends, which are a single line feed.

use std::io::{self, Write};

use csv_core::WriteResult;

use super::column::{Cell, Column};
use super::compressed::Compressed;
use crate::ScoredDocument;
use crate::source::Compression;

/// The bytes that are quoted at a time.
const BUFFER_BYTES: usize = 4096;

/// Rows below a row of column names.
pub(super) struct CommaSeparated<W: Write> {
    columns: Vec<Column>,
    csv: csv_core::Writer,
    buffer: Box<[u8; BUFFER_BYTES]>,
    writer: Compressed<W>,
}

impl<W: Write> CommaSeparated<W> {
    pub(super) fn new(compression: Option<Compression>, with_text: bool, writer: W) -> io::Result<Self> {
        let columns: Vec<_> = Column::all(with_text).collect();
        let writer = Compressed::new(compression, writer);
        let mut table = Self { columns, csv: csv_core::Writer::new(), buffer: Box::new([0; BUFFER_BYTES]), writer };
        for place in 0..table.columns.len() {
            let name = table.columns[place].name();
            table.field(place, name.as_bytes())?;
        }
        table.end_row()?;
        Ok(table)
    }

    pub(super) fn write(&mut self, scored: &ScoredDocument) -> io::Result<()> {
        for place in 0..self.columns.len() {
            match self.columns[place].cell(scored) {
                Cell::Text(text) => self.field(place, text.unwrap_or_default().as_bytes())?,
                Cell::Number(number) => self.shown(place, number)?,
                Cell::Count(count) => self.shown(place, count)?,
                Cell::Flag(flag) => self.shown(place, flag)?,
                Cell::Names(names) => self.field(place, names.unwrap_or_default().join(" ").as_bytes())?,
            }
        }
        self.end_row()
    }

    pub(super) const fn writer(&mut self) -> &mut Compressed<W> {
        &mut self.writer
    }

    pub(super) fn finish(self) -> io::Result<W> {
        self.writer.finish()
    }

    fn shown(&mut self, place: usize, value: Option<impl ToString>) -> io::Result<()> {
        self.field(place, value.map(|value| value.to_string()).unwrap_or_default().as_bytes())
    }

    fn field(&mut self, place: usize, mut value: &[u8]) -> io::Result<()> {
        if place > 0 {
            self.punctuation(csv_core::Writer::delimiter)?;
        }
        loop {
            let (result, read, written) = self.csv.field(value, &mut self.buffer[..]);
            self.writer.write_all(&self.buffer[..written])?;
            value = &value[read..];
            if matches!(result, WriteResult::InputEmpty) {
                return Ok(());
            }
        }
    }

    fn end_row(&mut self) -> io::Result<()> {
        self.punctuation(csv_core::Writer::terminator)
    }

    /// Writes what stands between fields or rows, and the quote before it.
    fn punctuation(&mut self, write: fn(&mut csv_core::Writer, &mut [u8]) -> (WriteResult, usize)) -> io::Result<()> {
        let (_, written) = write(&mut self.csv, &mut self.buffer[..]);
        self.writer.write_all(&self.buffer[..written])
    }
}
