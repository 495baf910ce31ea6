//! Parquet: the table stored by column, in row groups.

mod values;

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use super::RunMetadata;
use super::column::{Column, Type};
use crate::ScoredDocument;
use values::Values;

/// The most rows of a row group: 32 Ki. They are held in memory until the group is full.
pub const ROW_GROUP_ROWS: usize = 1 << 15;

/// The bytes of words that close a row group before it has all its rows: 32 MiB. One more row may be held.
pub const ROW_GROUP_BYTES: usize = 32 << 20;

/// Row groups, written one at a time.
pub(super) struct ParquetTable<W: Write + Send> {
    writer: SerializedFileWriter<Lent<W>>,
    columns: Vec<(Column, Values)>,
    rows: usize,
    bytes: usize,
}

impl<W: Write + Send> ParquetTable<W> {
    pub(super) fn new(metadata: &RunMetadata, writer: W) -> io::Result<Self> {
        let columns: Vec<_> =
            Column::all(metadata.is_with_text()).map(|column| (column, Values::of(column.column_type()))).collect();
        let fields: String = columns.iter().map(|&(column, _)| field(column)).collect();
        let schema = parse_message_type(&format!("message bellwether {{ {fields}}}")).map_err(into_io)?;
        let writer = SerializedFileWriter::new(Lent(Some(writer)), Arc::new(schema), Arc::new(properties(metadata, &columns)))
            .map_err(into_io)?;
        Ok(Self { writer, columns, rows: 0, bytes: 0 })
    }

    pub(super) fn write(&mut self, scored: &ScoredDocument) -> io::Result<()> {
        for (column, values) in &mut self.columns {
            self.bytes += values.push(column.cell(scored));
        }
        self.rows += 1;
        if self.rows >= ROW_GROUP_ROWS || self.bytes >= ROW_GROUP_BYTES { self.write_group() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.rows > 0 {
            self.write_group()?;
        }
        // The crate's own way to the writer below makes a text of its errors.
        self.writer.finish().map_err(into_io)?;
        self.writer.inner_mut().0.take().ok_or_else(gone)
    }

    fn write_group(&mut self) -> io::Result<()> {
        let mut group = self.writer.next_row_group().map_err(into_io)?;
        let mut columns = self.columns.iter_mut();
        while let Some(mut writer) = group.next_column().map_err(into_io)? {
            if let Some((_, values)) = columns.next() {
                values.write(&mut writer).map_err(into_io)?;
            }
            writer.close().map_err(into_io)?;
        }
        group.close().map_err(into_io)?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

/// A writer that can be taken back.
struct Lent<W>(Option<W>);

impl<W: Write> Write for Lent<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_mut().ok_or_else(gone)?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_mut().map_or(Ok(()), W::flush)
    }
}

fn gone() -> io::Error {
    io::Error::other("the file is finished")
}

/// A column in the language of Parquet schemas.
fn field(column: Column) -> String {
    let name = column.name();
    match (column, column.column_type()) {
        (Column::Id, _) => format!("required binary {name} (UTF8); "),
        (_, Type::Text | Type::Name) => format!("optional binary {name} (UTF8); "),
        (_, Type::Number) => format!("optional double {name}; "),
        (_, Type::Count) => format!("optional int64 {name}; "),
        (_, Type::Flag) => format!("optional boolean {name}; "),
        (_, Type::Names) => {
            format!("optional group {name} (LIST) {{ repeated group list {{ required binary element (UTF8); }} }} ")
        }
    }
}

fn properties(metadata: &RunMetadata, columns: &[(Column, Values)]) -> WriterProperties {
    let pairs = metadata.pairs().map(|(name, value)| KeyValue::new(format!("bellwether.{name}"), value)).collect();
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(pairs));
    for (column, _) in columns.iter().filter(|(column, _)| column.column_type() == Type::Text) {
        // Hardly any value comes twice, and the first and the last of them in order help nobody to find one.
        let path = ColumnPath::from(column.name().as_ref());
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_statistics_enabled(path, EnabledStatistics::None);
    }
    properties.build()
}

/// The error of the writer below, if that is what it was.
fn into_io(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(error) => error.downcast().map_or_else(io::Error::other, |error| *error),
        error => io::Error::other(error),
    }
}
