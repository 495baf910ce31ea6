//! What the targets for formats have in common: bytes become documents or typed errors, and never more than they can hold.

use std::io::{Cursor, Read, Seek};

use bellwether_batch::source::{Format, Reader};

/// More records than any sound input of the size that is tried here has.
const MAX_RECORDS: usize = 1 << 16;

/// Reads an input to its end, or to more records than are of interest.
pub fn read(format: Format, bytes: impl Read + Seek + Send + 'static) {
    for record in Reader::default().read_seekable(format, "input", bytes).take(MAX_RECORDS) {
        if let Err(error) = record {
            assert!(!error.message.is_empty());
        }
    }
}

/// Reads bytes as they are.
pub fn read_bytes(format: Format, bytes: &[u8]) {
    read(format, Cursor::new(bytes.to_owned()));
}
