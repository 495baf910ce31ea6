//! How the command ends.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

/// How a run that came to its end went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything was done: 0.
    Complete,
    /// Some documents failed; their lines say why: 1.
    SomeFailed,
    /// The model passes less of a functional suite than its baseline: 1.
    Regressed,
    /// The run could not be started or finished: 2, as for wrong arguments.
    Fatal,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Complete => Self::from(0),
            Exit::SomeFailed | Exit::Regressed => Self::from(1),
            Exit::Fatal => Self::from(2),
        }
    }
}

/// Why a run could not be started or finished.
#[derive(Debug)]
pub(crate) struct Fatal(String);

impl Fatal {
    pub(crate) fn new(message: impl Display) -> Self {
        Self(message.to_string())
    }

    /// Tells the person at the terminal.
    pub(crate) fn report(&self) -> Exit {
        // Nothing is left to do if even standard error is closed.
        let _ = writeln!(io::stderr(), "bellwether: {}", self.0);
        Exit::Fatal
    }
}

macro_rules! fatal_from {
    ($($error:ty),*) => {$(
        impl From<$error> for Fatal {
            fn from(error: $error) -> Self {
                Self::new(error)
            }
        }
    )*};
}

fatal_from!(
    bellwether::Error,
    bellwether_batch::PoolError,
    bellwether_batch::RedactionKeyError,
    bellwether_batch::evaluation::MalformedSuite,
    bellwether_batch::sink::OutputFormatError,
    bellwether_batch::source::SourceError
);
