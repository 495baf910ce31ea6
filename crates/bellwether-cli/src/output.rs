//! Where results go: standard output, or a file that appears whole.

use std::io::{self, Write};
use std::path::Path;

use bellwether_batch::sink::PendingFile;

use crate::exit::Fatal;

/// Standard output, or a file that appears whole.
pub(crate) enum Output {
    Stdout(io::Stdout),
    File(PendingFile),
}

impl Output {
    /// Standard output, or the beginning of a file.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Fatal> {
        let Some(path) = path else { return Ok(Self::Stdout(io::stdout())) };
        let failed = |error| Fatal::new(format!("cannot write {}: {error}", path.display()));
        PendingFile::create(path).map(Self::File).map_err(failed)
    }

    /// Hands on what is buffered, and gives a file its name.
    pub(crate) fn publish(self) -> io::Result<()> {
        match self {
            Self::Stdout(mut stdout) => stdout.flush(),
            Self::File(file) => file.publish(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(stdout) => stdout.write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.flush(),
            Self::File(file) => file.flush(),
        }
    }
}
