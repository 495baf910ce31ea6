//! Why a job did not come to its end.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::PoolError;
use crate::source::SourceError;

/// Why a job could not begin, or stopped before its end.
///
/// The kind is private; ask with the accessors what a program can act on. What was complete before stays complete, whatever
/// the reason: the same job goes on there.
#[derive(Debug)]
pub struct JobError(Box<Kind>);

#[derive(Debug)]
pub(super) enum Kind {
    Source(SourceError),
    Pool(PoolError),
    NoInput,
    GivenTwice { name: String },
    NotApart { folder: PathBuf, input: PathBuf },
    Locked { folder: PathBuf },
    Differs { folder: PathBuf, differences: Vec<String> },
    NotRepeatable { folder: PathBuf, name: String },
    InputLost { path: PathBuf, source: io::Error },
    InputChanged { path: PathBuf },
    Output { path: PathBuf, source: io::Error },
    TooManyErrors { limit: u64 },
    Stopped,
}

impl JobError {
    pub(super) fn output(path: &Path, source: io::Error) -> Self {
        Kind::Output { path: path.to_owned(), source }.into()
    }

    pub(super) fn input_lost(path: &Path, source: io::Error) -> Self {
        Kind::InputLost { path: path.to_owned(), source }.into()
    }

    /// The file or folder that it is about, if it is about one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &*self.0 {
            Kind::Source(error) => Some(error.path()),
            Kind::InputLost { path, .. } | Kind::InputChanged { path } | Kind::Output { path, .. } => Some(path),
            Kind::NotApart { folder, .. }
            | Kind::Locked { folder }
            | Kind::Differs { folder, .. }
            | Kind::NotRepeatable { folder, .. } => Some(folder),
            _ => None,
        }
    }

    /// What differs from the job that the output folder belongs to; empty if the error is another.
    #[must_use]
    pub fn differences(&self) -> &[String] {
        match &*self.0 {
            Kind::Differs { differences, .. } => differences,
            _ => &[],
        }
    }

    /// Whether another run holds the output folder.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        matches!(*self.0, Kind::Locked { .. })
    }

    /// Whether whoever watched the run told it to stop.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        matches!(*self.0, Kind::Stopped)
    }

    /// Whether more documents failed than were allowed to.
    #[must_use]
    pub const fn is_too_many_errors(&self) -> bool {
        matches!(*self.0, Kind::TooManyErrors { .. })
    }

    /// Whether the same job, run again, goes on where this run stopped, once the reason is out of the way.
    #[must_use]
    pub const fn is_resumable(&self) -> bool {
        matches!(
            *self.0,
            Kind::InputLost { .. } | Kind::Output { .. } | Kind::TooManyErrors { .. } | Kind::Stopped | Kind::Locked { .. }
        )
    }
}

impl From<Kind> for JobError {
    fn from(kind: Kind) -> Self {
        Self(Box::new(kind))
    }
}

impl From<SourceError> for JobError {
    fn from(error: SourceError) -> Self {
        Kind::Source(error).into()
    }
}

impl From<PoolError> for JobError {
    fn from(error: PoolError) -> Self {
        Kind::Pool(error).into()
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Source(error) => error.fmt(f),
            Kind::Pool(error) => error.fmt(f),
            Kind::NoInput => f.write_str("the job has no input: no file of a known format, and no documents"),
            Kind::GivenTwice { name } => write!(f, "the input {name} is given twice; give each file once"),
            Kind::NotApart { folder, input } => write!(
                f,
                "the input {} and the output folder {} lie one in the other, so scores would be read as inputs; choose another folder",
                input.display(),
                folder.display()
            ),
            Kind::Locked { folder } => {
                write!(f, "another run is writing to {}; wait for it, stop it, or choose another output folder", folder.display())
            }
            Kind::Differs { folder, differences } => write!(
                f,
                "{} belongs to another job:\n  {}\nRun it with what it was begun with, choose another output folder, or start anew (--fresh), which deletes its scores",
                folder.display(),
                differences.join("\n  ")
            ),
            Kind::NotRepeatable { folder, name } => write!(
                f,
                "{} has scores of the input {name}, which cannot be read again from where that run stopped; start anew (--fresh), or save it to a file first, which can be resumed",
                folder.display()
            ),
            Kind::InputLost { path, source } => write!(
                f,
                "the input {} cannot be read any more: {source}; what is complete is kept: bring it back and run the same job again",
                path.display()
            ),
            Kind::InputChanged { path } => write!(
                f,
                "the input {} changed while it was read, so its scores would belong to no one version of it; once it is finished, choose another output folder or start anew (--fresh)",
                path.display()
            ),
            Kind::Output { path, source } => write!(
                f,
                "cannot write {}: {source}; what is complete is kept: make room or give access, and run the same job again",
                path.display()
            ),
            Kind::TooManyErrors { limit } => write!(
                f,
                "stopped: more than {limit} documents failed; what is complete is kept: run the same job again with a higher limit to go on",
            ),
            Kind::Stopped => f.write_str("stopped; what is complete is kept: run the same job again to go on"),
        }
    }
}

impl std::error::Error for JobError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.0 {
            Kind::InputLost { source, .. } | Kind::Output { source, .. } => Some(source),
            Kind::Source(error) => Some(error),
            Kind::Pool(error) => Some(error),
            _ => None,
        }
    }
}
