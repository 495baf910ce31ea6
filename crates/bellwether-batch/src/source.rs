//! Files and streams as documents.
//!
//! Formats: JSON lines and plain text (one document a line), each also compressed with gzip (any number of members) or
//! Zstandard (any number of frames). Everything is streamed; a line over [`MAX_LINE_BYTES`] is passed over without
//! being held in memory. What cannot become a document becomes a typed [`RecordError`]; the stream goes on behind it.

mod compression;
mod error;
mod json_lines;
mod labelled_documents;
mod line_reader;
mod text_lines;

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

pub use compression::Compression;
pub use error::SourceError;
pub use labelled_documents::{AbsentLabels, LabelledDocuments};
pub use line_reader::MAX_LINE_BYTES;

use crate::{Document, RecordError, RecordErrorKind};
use json_lines::FieldNames;
use line_reader::LineReader;
use text_lines::{TextLine, TextLines};

/// How the documents of an input are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// A JSON object a line.
    JsonLines,
    /// A text a line; blank lines are passed over.
    PlainText,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::JsonLines, Self::PlainText];

    /// The name used on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::PlainText => "text",
        }
    }

    fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            "txt" | "text" => Some(Self::PlainText),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Where documents come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Standard input; compression is recognised from its first bytes.
    Stdin,
    /// A file; compression is recognised from its first bytes.
    File(PathBuf),
}

impl From<&Path> for Input {
    fn from(path: &Path) -> Self {
        if path == Path::new("-") { Self::Stdin } else { Self::File(path.to_owned()) }
    }
}

impl FromStr for Input {
    type Err = std::convert::Infallible;

    fn from_str(argument: &str) -> Result<Self, Self::Err> {
        Ok(Path::new(argument).into())
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Input {
    /// The format that the file's name says, looking through `.gz` and `.zst`; `None` if it says nothing.
    ///
    /// ```
    /// use bellwether_batch::source::{Format, Input};
    /// assert_eq!(Input::File("crawl.jsonl.zst".into()).format(), Some(Format::JsonLines));
    /// assert_eq!(Input::File("crawl".into()).format(), None);
    /// ```
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        let Self::File(path) = self else { return None };
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        Format::of_extension(name.rsplit_once('.')?.1)
    }
}

/// How to read the documents of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    format: Option<Format>,
    fields: FieldNames,
}

impl Default for Reader {
    fn default() -> Self {
        Self { format: None, fields: FieldNames { text: "text".into(), id: "id".into(), lang: "lang".into() } }
    }
}

impl Reader {
    /// The format of every input; by default what the file's name says, and JSON lines for standard input.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// The JSON field that holds the text; `text` by default.
    #[must_use]
    pub fn text_field(mut self, name: impl Into<String>) -> Self {
        self.fields.text = name.into();
        self
    }

    /// The JSON field that holds the name of the document; `id` by default.
    #[must_use]
    pub fn id_field(mut self, name: impl Into<String>) -> Self {
        self.fields.id = name.into();
        self
    }

    /// Opens an input as a stream of documents. `count` is told the bytes taken from the file, compressed as they are,
    /// for a progress bar.
    ///
    /// # Errors
    /// If the file cannot be opened, or nothing says what format it has.
    pub fn open(&self, input: &Input, count: impl FnMut(u64) + Send + 'static) -> Result<Documents, SourceError> {
        let format = match (self.format.or_else(|| input.format()), input) {
            (Some(format), _) => format,
            (None, Input::Stdin) => Format::JsonLines,
            (None, Input::File(path)) => return Err(SourceError::unknown_format(path)),
        };
        let raw: Box<dyn Read + Send> = match input {
            Input::Stdin => Box::new(io::stdin()),
            Input::File(path) => Box::new(File::open(path).map_err(|error| SourceError::unreadable(path, error))?),
        };
        Ok(self.read(format, input.to_string(), Counted { inner: raw, count }))
    }

    /// Documents from any stream of bytes; `name` is what messages and default ids call it.
    ///
    /// ```
    /// use bellwether_batch::source::{Format, Reader};
    /// let lines = &b"{\"id\": 7, \"text\": \"one\"}\nnot json\n"[..];
    /// let documents: Vec<_> = Reader::default().read(Format::JsonLines, "example", lines).collect();
    /// assert_eq!(documents[0].as_ref().unwrap().text, "one");
    /// assert_eq!(documents[1].as_ref().unwrap_err().kind.name(), "invalid_json");
    /// ```
    pub fn read(&self, format: Format, name: impl Into<String>, bytes: impl Read + Send + 'static) -> Documents {
        let lines = TextLines::new(LineReader::new(compression::decompress(bytes)), name.into());
        Documents { lines, format, fields: self.fields.clone() }
    }

    /// Opens an input as [`Reader::open`] does, as a stream of documents with their labels.
    ///
    /// # Errors
    /// If the file cannot be opened, or nothing says what format it has.
    pub fn open_labelled(
        &self,
        input: &Input,
        absent_labels: AbsentLabels,
        count: impl FnMut(u64) + Send + 'static,
    ) -> Result<LabelledDocuments, SourceError> {
        Ok(LabelledDocuments::new(self.open(input, count)?, absent_labels))
    }

    /// Labelled documents from any stream of bytes, as [`Reader::read`] does.
    ///
    /// ```
    /// use bellwether::Category;
    /// use bellwether_batch::source::{AbsentLabels, Format, Reader};
    /// let lines = &b"{\"text\": \"one\", \"labels\": [\"training\"]}\n{\"text\": \"two\", \"labels\": [\"sport\"]}\n"[..];
    /// let reader = Reader::default();
    /// let documents: Vec<_> = reader.read_labelled(Format::JsonLines, "example", AbsentLabels::Refused, lines).collect();
    /// assert!(documents[0].as_ref().unwrap().annotation.labels.contains(&Category::Training));
    /// assert_eq!(documents[1].as_ref().unwrap_err().kind.name(), "invalid_annotation");
    /// ```
    pub fn read_labelled(
        &self,
        format: Format,
        name: impl Into<String>,
        absent_labels: AbsentLabels,
        bytes: impl Read + Send + 'static,
    ) -> LabelledDocuments {
        LabelledDocuments::new(self.read(format, name, bytes), absent_labels)
    }
}

/// The documents of one input, in order.
#[derive(Debug)]
pub struct Documents {
    lines: TextLines,
    format: Format,
    fields: FieldNames,
}

impl Documents {
    fn parse(&self, line: TextLine) -> Result<Document, RecordError> {
        match self.format {
            Format::PlainText => Ok(Document::new(line.place, line.text)),
            Format::JsonLines => {
                let found = self.fields.parse(&line.text);
                let found = found.map_err(|error| line.error(RecordErrorKind::InvalidJson, &error))?;
                let Some(text) = found.text else {
                    let message = format!("{}: the object has no string in its field {:?}", line.place, self.fields.text);
                    let id = found.id.unwrap_or_else(|| line.place.into());
                    return Err(RecordError::new(id, RecordErrorKind::MissingText, message));
                };
                Ok(Document { id: found.id.unwrap_or_else(|| line.place.into()), text, lang: found.lang })
            }
        }
    }
}

impl Iterator for Documents {
    type Item = Result<Document, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.lines.next()?;
        Some(line.and_then(|line| self.parse(line)))
    }
}

/// Tells the bytes that pass.
struct Counted<R, F> {
    inner: R,
    count: F,
}

impl<R: Read, F: FnMut(u64)> Read for Counted<R, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        (self.count)(read as u64);
        Ok(read)
    }
}
