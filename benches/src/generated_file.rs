//! Files of each format, in memory, that hold given texts.

use std::io::{self, Write};
use std::sync::Arc;

use flate2::write::GzEncoder;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use serde_json::json;

/// A JSON object a line, with a number and the text.
#[must_use]
pub fn json_lines(texts: &[String]) -> Vec<u8> {
    texts.iter().enumerate().flat_map(|(id, text)| format!("{}\n", json!({"id": id, "text": text})).into_bytes()).collect()
}

/// A text a line.
#[must_use]
pub fn plain_text(texts: &[String]) -> Vec<u8> {
    texts.iter().flat_map(|text| format!("{text}\n").into_bytes()).collect()
}

/// Comma-separated values, every text in quotes.
#[must_use]
pub fn comma_separated(texts: &[String]) -> Vec<u8> {
    let rows = texts.iter().enumerate().map(|(id, text)| format!("{id},\"{}\"\r\n", text.replace('"', "\"\"")));
    std::iter::once("id,text\r\n".to_owned()).chain(rows).flat_map(String::into_bytes).collect()
}

/// Tab-separated values. The texts hold neither a tab nor a line end.
#[must_use]
pub fn tab_separated(texts: &[String]) -> Vec<u8> {
    let rows = texts.iter().enumerate().map(|(id, text)| format!("{id}\t{text}\n"));
    std::iter::once("id\ttext\n".to_owned()).chain(rows).flat_map(String::into_bytes).collect()
}

/// A Parquet file of one row group, its pages compressed with snappy.
///
/// # Errors
/// Never, unless the crate's writer has a fault.
pub fn parquet(texts: &[String]) -> Result<Vec<u8>, ParquetError> {
    let schema = Arc::new(parse_message_type("message table { required int64 id; required binary text (utf8); }")?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    let ids: Vec<i64> = (0..).take(texts.len()).collect();
    if let Some(mut column) = group.next_column()? {
        column.typed::<Int64Type>().write_batch(&ids, None, None)?;
        column.close()?;
    }
    let values: Vec<ByteArray> = texts.iter().map(|text| ByteArray::from(text.as_str())).collect();
    if let Some(mut column) = group.next_column()? {
        column.typed::<ByteArrayType>().write_batch(&values, None, None)?;
        column.close()?;
    }
    group.close()?;
    file.into_inner()
}

/// A WARC file with each text as the main text of a small HTML page, between a menu and a footer.
#[must_use]
pub fn warc(texts: &[String]) -> Vec<u8> {
    let record = |(id, text): (usize, &String)| {
        let page = format!(
            "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>Page {id}</title></head><body>\n\
             <nav><ul><li><a href=\"/\">Start</a></li><li><a href=\"/map\">Map</a></li></ul></nav>\n\
             <article><h1>Page {id}</h1>\n<p>{}</p></article>\n<footer><p>Opening hours: nine to five.</p></footer></body></html>\n",
            text.replace(". ", ".</p>\n<p>")
        );
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n";
        web_archive_record("response", "application/http; msgtype=response", id, &format!("{head}{page}"))
    };
    texts.iter().enumerate().flat_map(record).collect()
}

/// A WET file with each text as the text of a page.
#[must_use]
pub fn wet(texts: &[String]) -> Vec<u8> {
    let record = |(id, text): (usize, &String)| web_archive_record("conversion", "text/plain", id, text);
    texts.iter().enumerate().flat_map(record).collect()
}

fn web_archive_record(kind: &str, content_type: &str, id: usize, block: &str) -> Vec<u8> {
    let length = block.len();
    format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{id:012}>\r\n\
         WARC-Target-URI: https://example.org/{id}\r\nWARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: {content_type}\r\n\
         Content-Length: {length}\r\n\r\n{block}\r\n\r\n"
    )
    .into_bytes()
}

/// One gzip member.
///
/// # Errors
/// Never, unless the crate's encoder has a fault.
pub fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// One Zstandard frame.
#[must_use]
pub fn zstandard(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}
