//! Compressed streams that unpack to far more than anybody would write.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::RecordErrorKind;

/// The most bytes that a byte of a compressed input may stand for: 5,000. Logs that repeat themselves reach 1,000.
pub const MAX_COMPRESSION_RATIO: u64 = 5000;

/// How many bytes an input may unpack to, whatever it is compressed from: 256 MiB.
pub const MIN_RATIO_BYTES: u64 = 256 << 20;

/// An input stands for more than [`MAX_COMPRESSION_RATIO`] times its bytes.
#[derive(Debug)]
pub(super) struct RatioExceeded;

impl fmt::Display for RatioExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it unpacks to more than {MAX_COMPRESSION_RATIO} times its bytes, which is over the limit")
    }
}

impl std::error::Error for RatioExceeded {}

/// The kind of what ended an input before its end.
pub(super) fn kind(error: &io::Error) -> RecordErrorKind {
    let is_exceeded = error.get_ref().and_then(|inner| inner.downcast_ref::<RatioExceeded>()).is_some();
    if is_exceeded { RecordErrorKind::LimitExceeded } else { RecordErrorKind::UnreadableInput }
}

/// Counts the bytes that are unpacked.
pub(super) struct Packed<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

/// What they unpack to, held to the limit.
pub(super) struct Limited<R> {
    inner: R,
    taken: Arc<AtomicU64>,
    given: u64,
}

/// Unpacks bytes with `unpack`, within the limit.
pub(super) fn limited<P: BufRead, R: Read>(packed: P, unpack: impl FnOnce(Packed<P>) -> R) -> Limited<R> {
    let taken = Arc::new(AtomicU64::new(0));
    let inner = unpack(Packed { inner: packed, taken: Arc::clone(&taken) });
    Limited { inner, taken, given: 0 }
}

impl<R: BufRead> BufRead for Packed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
        self.inner.consume(bytes);
    }
}

impl<R: BufRead> Read for Packed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.given += read as u64;
        let most = self.taken.load(Ordering::Relaxed).saturating_mul(MAX_COMPRESSION_RATIO);
        if self.given > MIN_RATIO_BYTES.max(most) {
            return Err(io::Error::other(RatioExceeded));
        }
        Ok(read)
    }
}
