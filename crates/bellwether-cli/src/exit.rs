//! How the command ends.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use bellwether_batch::Summary;

/// The status of a job that Ctrl-C or SIGTERM stopped: by custom 128 and the number of SIGINT.
pub(crate) const STOPPED: u8 = 130;

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
    /// Somebody stopped a job, which can go on: 130.
    Stopped,
}

impl Exit {
    /// Whether any document failed.
    pub(crate) fn of(summary: &Summary) -> Self {
        if summary.failed() == 0 { Self::Complete } else { Self::SomeFailed }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Complete => Self::from(0),
            Exit::SomeFailed | Exit::Regressed => Self::from(1),
            Exit::Fatal => Self::from(2),
            Exit::Stopped => Self::from(STOPPED),
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
    bellwether_batch::job::JobError,
    bellwether_batch::sink::OutputFormatError,
    bellwether_batch::source::SourceError
);
