//! Lines of bounded length.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

/// The longest line that is read, in bytes: 32 MiB. A longer one is passed over and becomes an error.
pub const MAX_LINE_BYTES: usize = 32 << 20;

const BUFFER_BYTES: usize = 256 << 10;

/// One line of an input.
pub(super) enum Line {
    /// The bytes without the line's end.
    Whole(Vec<u8>),
    /// Too long to hold; its length.
    TooLong { bytes: u64 },
    /// The input broke off; nothing follows.
    Broken(io::Error),
}

/// Numbered lines that are not blank, split at `\n` alone (texts hold other line separators).
pub(super) struct LineReader {
    input: BufReader<Box<dyn Read + Send>>,
    number: u64,
    ended: bool,
}

impl fmt::Debug for LineReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineReader").field("number", &self.number).finish_non_exhaustive()
    }
}

impl LineReader {
    pub(super) fn new(input: Box<dyn Read + Send>) -> Self {
        Self { input: BufReader::with_capacity(BUFFER_BYTES, input), number: 0, ended: false }
    }

    /// The next line, or `None` at a proper end.
    fn line(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::new();
        let limit = MAX_LINE_BYTES as u64 + 1;
        if self.input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.last() != Some(&b'\n') && line.len() > MAX_LINE_BYTES {
            let bytes = line.len() as u64;
            drop(line);
            return Ok(Some(Line::TooLong { bytes: bytes + self.skip_line()? }));
        }
        while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            line.pop();
        }
        Ok(Some(Line::Whole(line)))
    }

    /// Passes over the rest of a line without keeping it; says how long it was.
    fn skip_line(&mut self) -> io::Result<u64> {
        self.input.skip_until(b'\n').map(|skipped| skipped as u64)
    }
}

impl Iterator for LineReader {
    type Item = (u64, Line);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            self.number += 1;
            match self.line() {
                Ok(Some(Line::Whole(line))) if line.trim_ascii().is_empty() => {}
                Ok(Some(line)) => return Some((self.number, line)),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some((self.number, Line::Broken(error)));
                }
            }
        }
        None
    }
}
