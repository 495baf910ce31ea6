//! How scores are written.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::source::Compression;

/// How scores are written, and how that is compressed. Only what can be written can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputFormat {
    /// A JSON object a line: a [`ScoredDocument`](crate::ScoredDocument) as it serializes.
    JsonLines(Option<Compression>),
    /// Comma-separated values (RFC 4180) below a row of column names. Labels stand in one column, separated by a space;
    /// `evidence` is a JSON array. What a document has none of is empty.
    CommaSeparated(Option<Compression>),
    /// A JSON object a line as the taggers of the Dolma toolkit write it: `id` and `attributes`, of which each is an array of
    /// `[start, end, score]`. Here it is one span over the whole text for each score. Offsets are characters (Unicode code
    /// points, as Python counts), so the end is the length of the text. There is a line for each document of the input, in its
    /// order; of one that could not be scored `attributes` is empty. The toolkit compares each `id` with the document's, so
    /// redaction must leave them as they are, and it reads files that are called as the documents' are, in gzip. Names are `bellwether__MODEL__LABEL`, and
    /// `bellwether__MODEL__context_CONTEXT` for the contexts.
    DolmaAttributes(Option<Compression>),
    /// Apache Parquet, with the columns of CSV in their own types and the metadata of the run in the file's. Its pages are
    /// compressed (snappy), so the file is not.
    Parquet,
}

/// An output whose format cannot be told, or cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFormatError(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    UnknownName(String),
    UnknownExtension(PathBuf),
    CompressedParquet,
    TwoCompressions { stated: Compression, path: PathBuf },
}

impl OutputFormat {
    /// The format that a file is written in: what is stated, else what the file's name says, else JSON lines without a file.
    /// A name that ends in `.gz` or `.zst` says the compression where the stated format does not.
    ///
    /// ```
    /// use std::path::Path;
    /// use bellwether_batch::sink::OutputFormat;
    /// use bellwether_batch::source::Compression;
    /// let find = |stated: Option<&str>, name| {
    ///     OutputFormat::find(stated.map(str::parse).transpose()?, Some(Path::new(name)))
    /// };
    /// assert_eq!(find(None, "scores.jsonl.zst")?, OutputFormat::JsonLines(Some(Compression::Zstandard)));
    /// assert_eq!(find(Some("dolma"), "part-0.jsonl.gz")?, OutputFormat::DolmaAttributes(Some(Compression::Gzip)));
    /// assert!(find(None, "scores.parquet.gz").is_err());
    /// # Ok::<(), bellwether_batch::sink::OutputFormatError>(())
    /// ```
    ///
    /// # Errors
    /// If nothing says the format, the stated compression is not that of the name, or Parquet is to be compressed as a whole.
    pub fn find(stated: Option<Self>, path: Option<&Path>) -> Result<Self, OutputFormatError> {
        let Some(path) = path else { return Ok(stated.unwrap_or(Self::JsonLines(None))) };
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let (name, compression) = split_compression(&name);
        match stated {
            None => {
                let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
                let Some(plain) = Self::of_extension(extension) else {
                    return Err(OutputFormatError(Kind::UnknownExtension(path.to_owned())));
                };
                plain.compressed(compression)
            }
            Some(format) => match (format.compression(), compression) {
                (Some(stated), Some(named)) if stated != named => {
                    Err(OutputFormatError(Kind::TwoCompressions { stated, path: path.to_owned() }))
                }
                (stated, named) => format.compressed(stated.or(named)),
            },
        }
    }

    fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines(None)),
            "csv" => Some(Self::CommaSeparated(None)),
            "parquet" | "pq" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// The format, compressed so.
    fn compressed(self, compression: Option<Compression>) -> Result<Self, OutputFormatError> {
        match (self, compression) {
            (Self::JsonLines(_), compression) => Ok(Self::JsonLines(compression)),
            (Self::CommaSeparated(_), compression) => Ok(Self::CommaSeparated(compression)),
            (Self::DolmaAttributes(_), compression) => Ok(Self::DolmaAttributes(compression)),
            (Self::Parquet, None) => Ok(Self::Parquet),
            (Self::Parquet, Some(_)) => Err(OutputFormatError(Kind::CompressedParquet)),
        }
    }

    /// How the file as a whole is compressed.
    #[must_use]
    pub const fn compression(self) -> Option<Compression> {
        match self {
            Self::JsonLines(compression) | Self::CommaSeparated(compression) | Self::DolmaAttributes(compression) => compression,
            Self::Parquet => None,
        }
    }

    /// What a file's name ends in, without its first dot: `jsonl.gz`. From it, [`OutputFormat::find`] tells the format, but
    /// for Dolma attributes, whose files are called as the documents' are.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::JsonLines(None) | Self::DolmaAttributes(None) => "jsonl",
            Self::JsonLines(Some(Compression::Gzip)) | Self::DolmaAttributes(Some(Compression::Gzip)) => "jsonl.gz",
            Self::JsonLines(Some(Compression::Zstandard)) | Self::DolmaAttributes(Some(Compression::Zstandard)) => "jsonl.zst",
            Self::CommaSeparated(None) => "csv",
            Self::CommaSeparated(Some(Compression::Gzip)) => "csv.gz",
            Self::CommaSeparated(Some(Compression::Zstandard)) => "csv.zst",
            Self::Parquet => "parquet",
        }
    }
}

fn split_compression(name: &str) -> (&str, Option<Compression>) {
    let gzip = name.strip_suffix(".gz").map(|name| (name, Some(Compression::Gzip)));
    gzip.or_else(|| name.strip_suffix(".zst").map(|name| (name, Some(Compression::Zstandard)))).unwrap_or((name, None))
}

/// `jsonl`, `csv`, `dolma` or `parquet`; all but the last also with `.gz` or `.zst` behind.
impl FromStr for OutputFormat {
    type Err = OutputFormatError;

    fn from_str(stated: &str) -> Result<Self, OutputFormatError> {
        let (name, compression) = split_compression(stated);
        match name {
            "jsonl" => Self::JsonLines(None),
            "csv" => Self::CommaSeparated(None),
            "dolma" => Self::DolmaAttributes(None),
            "parquet" => Self::Parquet,
            _ => return Err(OutputFormatError(Kind::UnknownName(stated.to_owned()))),
        }
        .compressed(compression)
    }
}

/// The name that it is parsed from.
impl fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::JsonLines(_) => "jsonl",
            Self::CommaSeparated(_) => "csv",
            Self::DolmaAttributes(_) => "dolma",
            Self::Parquet => "parquet",
        };
        match self.compression() {
            Some(compression) => write!(f, "{name}{}", suffix(compression)),
            None => f.write_str(name),
        }
    }
}

const fn suffix(compression: Compression) -> &'static str {
    match compression {
        Compression::Gzip => ".gz",
        Compression::Zstandard => ".zst",
    }
}

impl fmt::Display for OutputFormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::UnknownName(name) => {
                write!(f, "{name:?} is no format of output: state jsonl, csv or dolma (also with .gz or .zst behind), or parquet")
            }
            Kind::UnknownExtension(path) => write!(
                f,
                "cannot tell the format of {} from its name: name it .jsonl or .csv (also with .gz or .zst behind) or .parquet, or state the format of the output",
                path.display()
            ),
            Kind::CompressedParquet => f.write_str(
                "a Parquet file is compressed inside and cannot be read when it is compressed as a whole: leave .gz or .zst away",
            ),
            Kind::TwoCompressions { stated, path } => {
                write!(f, "{} cannot be written as {}, which its name does not end in", path.display(), suffix(*stated))
            }
        }
    }
}

impl std::error::Error for OutputFormatError {}
