//! Why an input could not be opened.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// An input that could not be opened.
#[derive(Debug)]
pub struct SourceError {
    path: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Unreadable(io::Error),
    UnknownFormat,
    NotSeekable,
}

impl SourceError {
    pub(super) fn unreadable(path: &Path, error: io::Error) -> Self {
        Self { path: path.to_owned(), kind: Kind::Unreadable(error) }
    }

    pub(super) fn unknown_format(path: &Path) -> Self {
        Self { path: path.to_owned(), kind: Kind::UnknownFormat }
    }

    pub(super) fn not_seekable(path: &Path) -> Self {
        Self { path: path.to_owned(), kind: Kind::NotSeekable }
    }

    /// The input.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.kind {
            Kind::Unreadable(error) => write!(f, "cannot open {path}: {error}"),
            Kind::UnknownFormat => write!(
                f,
                "cannot tell the format of {path} from its name: name it .jsonl, .csv, .tsv, .txt or .warc (also with .gz or .zst behind) or .parquet, or state the format"
            ),
            Kind::NotSeekable => write!(
                f,
                "cannot read {path} as Parquet: that is read from its end, so it must be a file, and not compressed as a whole; save or decompress it first"
            ),
        }
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Unreadable(error) => Some(error),
            Kind::UnknownFormat | Kind::NotSeekable => None,
        }
    }
}
