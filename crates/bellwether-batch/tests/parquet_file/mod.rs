//! Parquet files, written for tests.

use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

/// The schema of [`write`].
pub(crate) const SCHEMA: &str = "message m { optional int64 id; optional binary text (utf8); optional binary lang (utf8); }";

/// How values are written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Way {
    Dictionary,
    Plain,
    DeltaLength,
    Delta,
}

pub(crate) const WAYS: [Way; 4] = [Way::Dictionary, Way::Plain, Way::DeltaLength, Way::Delta];

fn properties(way: Way, version: WriterVersion) -> WriterProperties {
    let builder = WriterProperties::builder().set_writer_version(version).set_dictionary_enabled(matches!(way, Way::Dictionary));
    match way {
        Way::Dictionary => builder,
        Way::Plain => builder.set_encoding(Encoding::PLAIN),
        Way::DeltaLength => builder
            .set_encoding(Encoding::DELTA_LENGTH_BYTE_ARRAY)
            .set_column_encoding("id".into(), Encoding::DELTA_BINARY_PACKED),
        Way::Delta => {
            builder.set_encoding(Encoding::DELTA_BYTE_ARRAY).set_column_encoding("id".into(), Encoding::DELTA_BINARY_PACKED)
        }
    }
    .build()
}

/// A file with a row group for each slice of texts; the ids count the rows from 0, and there is no language.
pub(crate) fn write(groups: &[&[Option<&[u8]>]], way: Way, version: WriterVersion) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties(way, version))).unwrap();
    let mut row = 0;
    for texts in groups {
        let ids: Vec<i64> = (row..).take(texts.len()).collect();
        row = ids.last().map_or(row, |last| last + 1);
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<Int64Type>().write_batch(&ids, Some(&vec![1; ids.len()]), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let levels: Vec<i16> = texts.iter().map(|text| text.is_some().into()).collect();
        let values: Vec<ByteArray> = texts.iter().flatten().map(|text| ByteArray::from(text.to_vec())).collect();
        column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&[], Some(&vec![0; ids.len()]), None).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

/// A file with this schema, and no rows.
pub(crate) fn empty(schema: &str) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap().into_inner().unwrap()
}
