//! Files, folders and streams as documents.
//!
//! Formats: JSON lines, plain text (one document a line), comma- and tab-separated values, and web archives (WARC and
//! WET), each also compressed with gzip (any number of members) or Zstandard (any number of frames); and Parquet. Everything
//! is streamed, and every limit on what is held in memory is a constant here. What cannot become a document becomes a typed
//! [`RecordError`]; the stream goes on behind it.

mod compression;
mod delimited;
mod error;
mod fields;
mod folder;
mod format;
mod gzip_members;
mod input;
mod json_lines;
mod labelled_documents;
mod line_reader;
mod parquet;
mod ratio;
mod record;
mod rewindable;
mod skipped;
mod text_lines;
mod web_archive;

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub use compression::Compression;
pub use delimited::{MAX_COLUMNS, MAX_ROW_BYTES};
pub use error::SourceError;
pub use format::Format;
pub use input::Input;
pub use labelled_documents::{AbsentLabels, LabelledDocuments};
pub use line_reader::MAX_LINE_BYTES;
pub use parquet::{
    MAX_DICTIONARY_VALUES, MAX_FOOTER_BYTES, MAX_NAME_BYTES, MAX_PAGE_BYTES, MAX_PAGE_HEADER_BYTES, MAX_PAGE_VALUES,
    MAX_ROW_GROUP_ROWS, MAX_ROW_GROUP_TEXT_BYTES, MAX_ROW_GROUPS, MAX_VALUE_BYTES,
};
pub use ratio::{MAX_COMPRESSION_RATIO, MIN_RATIO_BYTES};
pub use record::Record;
pub use skipped::Skipped;
pub use web_archive::{
    MAX_BODY_BYTES, MAX_HTML_ATTRIBUTES, MAX_HTML_DEPTH, MAX_HTML_NODES, MAX_HTTP_HEADER_BYTES, MAX_HTTP_HEADERS,
    MAX_RECORD_BYTES, MAX_RECORD_HEADER_BYTES, MAX_RECORD_HEADERS, MAX_TAG_ATTRIBUTES, MAX_TAG_BYTES,
};

use crate::{Document, RecordError, RecordErrorKind};
use delimited::DelimitedRows;
use fields::FieldNames;
use folder::Folder;
use json_lines::JsonLine;
use line_reader::LineReader;
use parquet::ParquetRows;
use text_lines::TextLines;
use web_archive::WebArchive;

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

    /// The JSON field or the column that holds the text; `text` by default.
    #[must_use]
    pub fn text_field(mut self, name: impl Into<String>) -> Self {
        self.fields.text = name.into();
        self
    }

    /// The JSON field or the column that holds the name of the document; `id` by default.
    #[must_use]
    pub fn id_field(mut self, name: impl Into<String>) -> Self {
        self.fields.id = name.into();
        self
    }

    /// What it reads differently from the default: the format of every input, and the names of the fields with the text and
    /// with the document's name.
    pub(crate) fn choices(&self) -> (Option<Format>, &str, &str) {
        (self.format, &self.fields.text, &self.fields.id)
    }

    /// Opens an input as a stream of documents. `count` is told the bytes taken from the file, compressed as they are,
    /// for a progress bar.
    ///
    /// The files of a folder are opened one after the other while they are read; one that cannot be opened becomes an
    /// error of the kind [`RecordErrorKind::UnreadableInput`].
    ///
    /// # Errors
    /// If the file or the folder cannot be opened, nothing says what format a file has, or Parquet is to be read from
    /// standard input or from a compressed file.
    pub fn open(&self, input: &Input, count: impl FnMut(u64) + Send + 'static) -> Result<Documents, SourceError> {
        match input {
            Input::File(path) if path.is_dir() => self.open_folder(path, count),
            Input::File(path) => self.open_file(path, count, Skipped::default()),
            Input::Stdin if self.format == Some(Format::Parquet) => Err(SourceError::not_seekable(Path::new("-"))),
            Input::Stdin => {
                let bytes = Counted { inner: io::stdin(), count };
                Ok(self.read(self.format.unwrap_or(Format::JsonLines), input.to_string(), bytes))
            }
        }
    }

    fn open_file(
        &self,
        path: &Path,
        count: impl FnMut(u64) + Send + 'static,
        skipped: Skipped,
    ) -> Result<Documents, SourceError> {
        let format = self.format.or_else(|| Input::from(path).format()).ok_or_else(|| SourceError::unknown_format(path))?;
        let mut inner = File::open(path).map_err(|error| SourceError::unreadable(path, error))?;
        if format == Format::Parquet {
            let mut magic = Vec::new();
            inner.by_ref().take(4).read_to_end(&mut magic).map_err(|error| SourceError::unreadable(path, error))?;
            if Compression::of_magic(&magic).is_some() {
                return Err(SourceError::not_seekable(path));
            }
            let rows = ParquetRows::new(inner, path.display().to_string(), self.fields.clone(), count);
            let records = Box::new(rows.map_err(|_| SourceError::not_seekable(path))?);
            return Ok(Documents { records, skipped });
        }
        Ok(self.read_counting(format, path.display().to_string(), Counted { inner, count }, skipped))
    }

    /// Opens a file of a folder as [`Reader::open`] does; one that cannot be opened becomes its only record, an error of the
    /// kind [`RecordErrorKind::UnreadableInput`].
    pub fn open_listed(&self, path: &Path, count: impl FnMut(u64) + Send + 'static) -> Documents {
        self.open_or_report(path, count, Skipped::default())
    }

    fn open_or_report(&self, path: &Path, count: impl FnMut(u64) + Send + 'static, skipped: Skipped) -> Documents {
        self.open_file(path, count, skipped.clone()).unwrap_or_else(|error| {
            let place = path.display().to_string();
            let error = RecordError::new(place.into(), RecordErrorKind::UnreadableInput, error.to_string());
            Documents { records: Box::new(std::iter::once(Record::from(Err(error)))), skipped }
        })
    }

    fn open_folder(&self, path: &Path, count: impl FnMut(u64) + Send + 'static) -> Result<Documents, SourceError> {
        let Folder { files, skipped: others } = Folder::list(path)?;
        let skipped = Skipped::default();
        skipped.add_files(others);
        let count = Arc::new(Mutex::new(count));
        let (reader, counts) = (self.clone(), skipped.clone());
        let records = files.into_iter().flat_map(move |path: PathBuf| {
            let count = Arc::clone(&count);
            let count = move |bytes| (count.lock().unwrap_or_else(PoisonError::into_inner))(bytes);
            reader.open_or_report(&path, count, counts.clone()).records
        });
        Ok(Documents { records: Box::new(records), skipped })
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
    ///
    /// A Parquet file is read from its end, so it cannot be read as a stream: that gives a single error of the kind
    /// [`RecordErrorKind::UnreadableInput`]. [`Reader::read_seekable`] reads it.
    pub fn read(&self, format: Format, name: impl Into<String>, bytes: impl Read + Send + 'static) -> Documents {
        self.read_counting(format, name.into(), bytes, Skipped::default())
    }

    /// Documents from bytes in which one can go back and forth, which [`Format::Parquet`] needs; other formats are read as
    /// [`Reader::read`] does.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use bellwether_batch::source::{Format, Reader};
    /// let no_parquet = Cursor::new(b"any bytes");
    /// let documents: Vec<_> = Reader::default().read_seekable(Format::Parquet, "example", no_parquet).collect();
    /// assert_eq!(documents[0].as_ref().unwrap_err().kind.name(), "unreadable_input");
    /// ```
    pub fn read_seekable(&self, format: Format, name: impl Into<String>, bytes: impl Read + Seek + Send + 'static) -> Documents {
        let name = name.into();
        if format != Format::Parquet {
            return self.read(format, name, bytes);
        }
        let records: Records = match ParquetRows::new(bytes, name.clone(), self.fields.clone(), |_| ()) {
            Ok(rows) => Box::new(rows),
            Err(error) => Box::new(std::iter::once(Record::failed(&name, RecordErrorKind::UnreadableInput, error))),
        };
        Documents { records, skipped: Skipped::default() }
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

    fn read_counting(&self, format: Format, name: String, bytes: impl Read + Send + 'static, skipped: Skipped) -> Documents {
        let plain = |bytes| compression::decompress(bytes);
        let lines = |bytes, name| TextLines::new(LineReader::new(plain(bytes)), name);
        let records: Records = match format {
            Format::JsonLines => {
                let fields = Arc::new(self.fields.clone());
                let json = move |line| JsonLine { line, fields: Arc::clone(&fields) };
                Box::new(
                    lines(bytes, name).map(move |line| line.map_or_else(|error| Err(error).into(), |line| json(line).into())),
                )
            }
            Format::PlainText => {
                Box::new(lines(bytes, name).map(|line| line.map(|line| Document::new(line.place, line.text)).into()))
            }
            Format::CommaSeparated => Box::new(DelimitedRows::comma(plain(bytes), name, self.fields.clone())),
            Format::TabSeparated => Box::new(DelimitedRows::tab(plain(bytes), name, self.fields.clone())),
            Format::Parquet => {
                let detail = "a Parquet file is read from its end, so it cannot be read as a stream";
                Box::new(std::iter::once(Record::failed(&name, RecordErrorKind::UnreadableInput, detail)))
            }
            Format::WebArchive => Box::new(WebArchive::new(bytes, name, skipped.clone())),
        };
        Documents { records, skipped }
    }
}

type Records = Box<dyn Iterator<Item = Record> + Send>;

/// The documents of one input, in order.
pub struct Documents {
    records: Records,
    skipped: Skipped,
}

impl fmt::Debug for Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Documents").field("skipped", &self.skipped).finish_non_exhaustive()
    }
}

impl Documents {
    /// The records that the documents are in, for taking them apart on other threads.
    pub fn into_records(self) -> impl Iterator<Item = Record> + Send {
        self.records
    }

    /// Counts of what is passed over; the same counts, whenever they are asked for.
    #[must_use]
    pub fn skipped(&self) -> Skipped {
        self.skipped.clone()
    }
}

impl Iterator for Documents {
    type Item = Result<Document, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.records.next().map(Record::into_document)
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
