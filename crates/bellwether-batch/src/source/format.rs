//! How documents are written.

use std::fmt;

/// How the documents of an input are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A JSON object a line.
    JsonLines,
    /// A text a line; blank lines are passed over.
    PlainText,
    /// Comma-separated values (RFC 4180) below a row of column names.
    CommaSeparated,
    /// Tab-separated values as IANA's `text/tab-separated-values` defines them, below a row of column names: no quoting,
    /// so no tab or line end inside a value.
    TabSeparated,
    /// A web archive, WARC 1.0 or 1.1 (ISO 28500): pages as they were served (`response` records), or their text
    /// (`conversion` records, as WET files hold them).
    WebArchive,
    /// Apache Parquet: a table whose columns hold the text and the name. Pages may be compressed with snappy, gzip,
    /// Zstandard, brotli or `lz4_raw`; the file itself may not, and must be one in which one can go back and forth.
    Parquet,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 6] =
        [Self::JsonLines, Self::PlainText, Self::CommaSeparated, Self::TabSeparated, Self::WebArchive, Self::Parquet];

    /// The name used on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::PlainText => "text",
            Self::CommaSeparated => "csv",
            Self::TabSeparated => "tsv",
            Self::WebArchive => "warc",
            Self::Parquet => "parquet",
        }
    }

    pub(super) fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            "txt" | "text" => Some(Self::PlainText),
            "csv" => Some(Self::CommaSeparated),
            "tsv" | "tab" => Some(Self::TabSeparated),
            "warc" | "wet" => Some(Self::WebArchive),
            "parquet" | "pq" => Some(Self::Parquet),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
