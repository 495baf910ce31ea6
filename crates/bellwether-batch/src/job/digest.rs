//! SHA-256 digests of files, as 64 lower-case hexadecimal digits.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use sha2::{Digest, Sha256};

const CHUNK_BYTES: usize = 1 << 20;

/// The size and digest of what passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sized256 {
    pub(super) size: u64,
    pub(super) sha256: String,
}

/// Reads a whole file; none if `go_on` breaks.
pub(super) fn of_file(path: &Path, mut go_on: impl FnMut() -> ControlFlow<()>) -> io::Result<Option<Sized256>> {
    let mut file = File::open(path)?;
    let mut hashed = Hashed::new(io::sink());
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        if go_on().is_break() {
            return Ok(None);
        }
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Some(hashed.finish().1)),
            Ok(read) => hashed.write_all(&buffer[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The digest of bytes in memory.
pub(super) fn of_bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// A writer that takes the digest of what it passes on.
#[derive(Debug)]
pub(super) struct Hashed<W> {
    inner: W,
    hasher: Sha256,
    size: u64,
}

impl<W: Write> Hashed<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), size: 0 }
    }

    /// The writer, not flushed, and the digest.
    pub(super) fn finish(self) -> (W, Sized256) {
        (self.inner, Sized256 { size: self.size, sha256: hexadecimal(&self.hasher.finalize()) })
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
