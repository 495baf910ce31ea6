//! Files that are read here and there.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

/// A file that the columns of a row group share.
pub(super) struct Seekable {
    bytes: Mutex<Box<dyn ReadSeek>>,
    length: u64,
}

impl fmt::Debug for Seekable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seekable").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Seekable {
    pub(super) fn new(mut bytes: impl Read + Seek + Send + 'static) -> io::Result<Self> {
        let length = bytes.seek(SeekFrom::End(0))?;
        Ok(Self { bytes: Mutex::new(Box::new(bytes)), length })
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// So many bytes, whose number the caller has held to a limit; fewer only at the end.
    pub(super) fn read(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.seek(SeekFrom::Start(offset))?;
        let mut found = Vec::new();
        bytes.by_ref().take(length as u64).read_to_end(&mut found)?;
        Ok(found)
    }

    /// So many bytes and no fewer.
    pub(super) fn read_exact(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let found = self.read(offset, length)?;
        if found.len() == length { Ok(found) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}
