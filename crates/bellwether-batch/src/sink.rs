//! Scores on their way to where they are kept.
//!
//! An [`OutputFormat`] says how scores are written, and a [`Sink`] writes them so, one document after the other and in bounded
//! memory, to anything that takes bytes. A [`PendingFile`] is a file that appears whole or not at all.
//!
//! The same documents and the same [`RunMetadata`] give the same bytes.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small");
//! # let out = tempfile::tempdir()?;
//! # let path = out.path().join("scores.csv.gz");
//! use bellwether::Classifier;
//! use bellwether_batch::sink::{OutputFormat, PendingFile, RunMetadata, Sink};
//! use bellwether_batch::{Disclosure, Document, ScoredDocument};
//!
//! let classifier = Classifier::open(folder)?;
//! let disclosure = Disclosure::default();
//! let format = OutputFormat::find(None, Some(&path))?;
//! let mut sink = Sink::new(format, &RunMetadata::new(&classifier, &disclosure), PendingFile::create(&path)?)?;
//! let document = Document::new("notice", "The library opens at nine.");
//! sink.write(&ScoredDocument::score_disclosing(&classifier, Ok(document), &disclosure))?;
//! assert!(!path.exists());
//! sink.finish()?.publish()?;
//! assert!(path.exists());
//! # Ok(())
//! # }
//! ```

mod column;
mod comma_separated;
mod compressed;
mod dolma_attributes;
mod output_format;
mod parquet;
mod pending_file;
mod run_metadata;

use std::fmt;
use std::io::{self, Write};

pub use compressed::ZSTANDARD_FRAME_BYTES;
pub use output_format::{OutputFormat, OutputFormatError};
pub use parquet::{ROW_GROUP_BYTES, ROW_GROUP_ROWS};
pub use pending_file::PendingFile;
pub use run_metadata::RunMetadata;

use crate::ScoredDocument;
use comma_separated::CommaSeparated;
use compressed::Compressed;
use dolma_attributes::DolmaAttributes;
use parquet::ParquetTable;

/// Writes scored documents in one format.
pub struct Sink<W: Write + Send> {
    layout: Layout<W>,
    with_text: bool,
}

/// The ways of writing a document.
enum Layout<W: Write + Send> {
    JsonLines(Compressed<W>),
    CommaSeparated(CommaSeparated<W>),
    DolmaAttributes(DolmaAttributes<W>),
    Parquet(Box<ParquetTable<W>>),
}

impl<W: Write + Send> fmt::Debug for Sink<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").field("with_text", &self.with_text).finish_non_exhaustive()
    }
}

impl<W: Write + Send> Sink<W> {
    /// Begins to write. It buffers, so the writer need not.
    ///
    /// Texts are written if `metadata` says so and the documents have kept theirs: make both with the same
    /// [`Disclosure`](crate::Disclosure).
    ///
    /// # Errors
    /// If what stands before the first document cannot be written.
    pub fn new(format: OutputFormat, metadata: &RunMetadata, writer: W) -> io::Result<Self> {
        let with_text = metadata.is_with_text();
        let layout = match format {
            OutputFormat::JsonLines(compression) => Layout::JsonLines(Compressed::new(compression, writer)),
            OutputFormat::CommaSeparated(compression) => {
                Layout::CommaSeparated(CommaSeparated::new(compression, with_text, writer)?)
            }
            OutputFormat::DolmaAttributes(compression) => {
                Layout::DolmaAttributes(DolmaAttributes::new(compression, metadata.model_name(), writer))
            }
            OutputFormat::Parquet => Layout::Parquet(Box::new(ParquetTable::new(metadata, writer)?)),
        };
        Ok(Self { layout, with_text })
    }

    /// Writes one document, or keeps it until there are enough to be written together.
    ///
    /// # Errors
    /// If the writer fails. What it has then is of no use, and nothing more should be written.
    pub fn write(&mut self, scored: &ScoredDocument) -> io::Result<()> {
        match &mut self.layout {
            Layout::JsonLines(writer) => {
                serde_json::to_writer(&mut *writer, &scored.line(self.with_text))?;
                writer.write_all(b"\n")
            }
            Layout::CommaSeparated(table) => table.write(scored),
            Layout::DolmaAttributes(attributes) => attributes.write(scored),
            Layout::Parquet(table) => table.write(scored),
        }
    }

    /// Hands on to the writer, and the writer to its own, what can be read already: whole lines where they are not compressed.
    /// It changes nothing about the bytes that are written in the end.
    ///
    /// # Errors
    /// If the writer fails.
    pub fn flush(&mut self) -> io::Result<()> {
        match &mut self.layout {
            Layout::JsonLines(writer) => writer.flush(),
            Layout::CommaSeparated(table) => table.writer().flush(),
            Layout::DolmaAttributes(attributes) => attributes.writer().flush(),
            // Its rows cannot be read before its end.
            Layout::Parquet(_) => Ok(()),
        }
    }

    /// Writes what is still held and what stands behind the last document, and gives the writer back, not flushed. Without
    /// this the output is not whole.
    ///
    /// # Errors
    /// If the writer fails.
    pub fn finish(self) -> io::Result<W> {
        match self.layout {
            Layout::JsonLines(writer) => writer.finish(),
            Layout::CommaSeparated(table) => table.finish(),
            Layout::DolmaAttributes(attributes) => attributes.finish(),
            Layout::Parquet(table) => table.finish(),
        }
    }
}
