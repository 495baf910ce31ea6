//! What can go wrong in this crate, as one opaque type.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::Runtime;

/// A specialised `Result` for this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error from opening a model or classifying a text.
///
/// The kind is private so that new kinds are not a breaking change; ask with the accessors what
/// a program can act on, and print it with `Display` for a person: the text says what happened,
/// where, and what to do.
#[derive(Debug)]
pub struct Error {
    kind: Box<ErrorKind>,
}

#[derive(Debug)]
pub(crate) enum ErrorKind {
    /// Reading a file failed.
    Io { path: PathBuf, source: std::io::Error },
    /// The manifest does not parse, or says something that cannot be.
    Manifest { path: PathBuf, detail: String },
    /// A file of the model folder is not the one the manifest was written for.
    Mismatch { path: PathBuf, what: &'static str, expected: String, found: String },
    /// A file has the right digest but cannot be used.
    Model { path: PathBuf, detail: String },
    /// The runtime that was asked for cannot be had on this machine.
    RuntimeUnavailable { runtime: Runtime, detail: String },
    /// The runtime failed while it ran the model.
    Inference { runtime: Runtime, detail: String },
    /// A network that this crate computes itself cannot read what the tokenizer gave it.
    Network { detail: String },
    /// There is nothing to classify.
    EmptyText,
    /// An input or a file is larger than a named limit allows.
    LimitExceeded { what: &'static str, limit: u64, found: u64 },
}

impl Error {
    /// The file the error is about, if it is about one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &*self.kind {
            ErrorKind::Io { path, .. }
            | ErrorKind::Manifest { path, .. }
            | ErrorKind::Mismatch { path, .. }
            | ErrorKind::Model { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Whether the model folder itself is at fault: a file is missing, damaged, foreign or unusable.
    #[must_use]
    pub fn is_model_damaged(&self) -> bool {
        self.path().is_some()
    }

    /// Whether the runtime asked for cannot be had on this machine (its library was not found, say).
    #[must_use]
    pub fn is_runtime_unavailable(&self) -> bool {
        matches!(&*self.kind, ErrorKind::RuntimeUnavailable { .. })
    }

    /// Whether the text held nothing but white space and invisible characters.
    #[must_use]
    pub fn is_empty_text(&self) -> bool {
        matches!(&*self.kind, ErrorKind::EmptyText)
    }

    /// The named limit that the input exceeded and its value, if that is what happened.
    #[must_use]
    pub fn limit_exceeded(&self) -> Option<(&'static str, u64)> {
        match &*self.kind {
            ErrorKind::LimitExceeded { what, limit, .. } => Some((what, *limit)),
            _ => None,
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self { kind: Box::new(kind) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.kind {
            ErrorKind::Io { path, source } => write!(f, "cannot read {}: {source}", path.display()),
            ErrorKind::Manifest { path, detail } => {
                write!(f, "{} is not a manifest this version can use: {detail}", path.display())
            }
            ErrorKind::Mismatch { path, what, expected, found } => write!(
                f,
                "{} is damaged or belongs to another model: its {what} is {found}, the manifest says {expected}; fetch the model folder again",
                path.display()
            ),
            ErrorKind::Model { path, detail } => write!(f, "{} cannot be used: {detail}", path.display()),
            ErrorKind::RuntimeUnavailable { runtime, detail } => {
                write!(f, "the {runtime} runtime is not available: {detail}")
            }
            ErrorKind::Inference { runtime, detail } => {
                write!(f, "the {runtime} runtime failed on this text: {detail}")
            }
            ErrorKind::Network { detail } => write!(f, "the model failed on this text: {detail}"),
            ErrorKind::EmptyText => f.write_str("the text is empty: nothing but white space and invisible characters"),
            ErrorKind::LimitExceeded { what, limit, found } => {
                write!(f, "{what} is {found}, over the limit of {limit}")
            }
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.kind {
            ErrorKind::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
