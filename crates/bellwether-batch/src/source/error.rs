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
}

impl SourceError {
    pub(super) fn unreadable(path: &Path, error: io::Error) -> Self {
        Self { path: path.to_owned(), kind: Kind::Unreadable(error) }
    }

    pub(super) fn unknown_format(path: &Path) -> Self {
        Self { path: path.to_owned(), kind: Kind::UnknownFormat }
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
                "cannot tell the format of {path} from its name: name it .jsonl, .csv, .tsv, .txt or .warc (also with .gz or .zst behind), or state the format"
            ),
        }
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Unreadable(error) => Some(error),
            Kind::UnknownFormat => None,
        }
    }
}
