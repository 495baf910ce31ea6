//! Why a part of a Parquet file cannot be read.

use std::fmt;
use std::io;

use parquet::errors::ParquetError;

use super::thrift::Flaw;
use crate::RecordErrorKind;

/// Why a file, a row group or a page cannot be read. It passes through the parquet crate as an external error.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: RecordErrorKind,
    pub(super) detail: String,
}

impl Failure {
    pub(super) fn new(kind: RecordErrorKind, detail: impl fmt::Display) -> Self {
        Self { kind, detail: detail.to_string() }
    }

    /// Bytes that are not what the format asks for.
    pub(super) fn damaged(detail: impl fmt::Display) -> Self {
        Self::new(RecordErrorKind::UnreadableInput, detail)
    }

    pub(super) fn limit(detail: impl fmt::Display) -> Self {
        Self::new(RecordErrorKind::LimitExceeded, detail)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::damaged(error)
    }
}

impl From<Flaw> for Failure {
    fn from(flaw: Flaw) -> Self {
        Self::damaged(flaw)
    }
}

impl From<Failure> for ParquetError {
    fn from(failure: Failure) -> Self {
        Self::External(Box::new(failure))
    }
}

impl From<ParquetError> for Failure {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(inner) => match inner.downcast::<Self>() {
                Ok(failure) => *failure,
                Err(other) => Self::damaged(other),
            },
            other => Self::damaged(other),
        }
    }
}
