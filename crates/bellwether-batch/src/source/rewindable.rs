//! A stream that can go back to a mark.

use std::io::{self, BufRead, Read};

const CHUNK_BYTES: usize = 64 << 10;

/// A stream that holds what it read since its mark, and can go back there.
///
/// Whoever marks seldom says in `retained` how many bytes behind the position are held at most; the mark then moves along.
pub(super) struct Rewindable<R> {
    inner: R,
    buffer: Vec<u8>,
    /// Where the mark is in `buffer`; what stands before it is forgotten.
    mark: usize,
    position: usize,
    /// How far from the beginning of the stream `buffer` begins.
    offset: u64,
    taken: u64,
    rewound: u64,
    retained: usize,
}

impl<R: Read> Rewindable<R> {
    pub(super) const fn new(inner: R, retained: usize) -> Self {
        Self { inner, buffer: Vec::new(), mark: 0, position: 0, offset: 0, taken: 0, rewound: 0, retained }
    }

    pub(super) const fn inner(&self) -> &R {
        &self.inner
    }

    pub(super) const fn inner_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// Everything from the mark on that is in memory.
    pub(super) fn held(&self) -> &[u8] {
        &self.buffer[self.mark..]
    }

    /// Everything from the position on that is in memory.
    pub(super) fn ahead(&self) -> &[u8] {
        &self.buffer[self.position..]
    }

    /// How far from the beginning of the stream the position is, or from where it was last discarded.
    pub(super) const fn absolute(&self) -> u64 {
        self.offset + self.position as u64
    }

    /// Sets the mark here.
    pub(super) fn mark(&mut self) {
        self.mark = self.position;
        // Bytes are moved only when half of them go, so each is moved once on average.
        if self.mark > CHUNK_BYTES && self.mark > self.buffer.len() / 2 {
            self.forget();
            if self.buffer.capacity() > 16 * CHUNK_BYTES.max(self.buffer.len()) {
                self.buffer.shrink_to(CHUNK_BYTES);
            }
        }
    }

    /// Gives back the memory of what stands before the mark.
    fn forget(&mut self) {
        self.buffer.drain(..self.mark);
        self.offset += self.mark as u64;
        self.position -= self.mark;
        self.mark = 0;
    }

    /// Moves on by bytes that are in memory.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.position = (self.position + bytes).min(self.buffer.len());
    }

    /// Goes back to so many bytes behind the mark.
    pub(super) fn rewind(&mut self, bytes: usize) {
        let target = (self.mark + bytes).min(self.position);
        self.rewound += (self.position - target) as u64;
        self.position = target;
    }

    /// Whether going back has so far cost less than reading: who asks before going back reads no byte more than twice on
    /// average, whatever the input is.
    pub(super) const fn may_rewind(&self) -> bool {
        self.rewound <= self.taken
    }

    /// Forgets everything that is in memory.
    pub(super) fn discard(&mut self) {
        (self.mark, self.position, self.offset) = (0, 0, 0);
        self.buffer.clear();
    }

    /// Reads more into memory; `false` at the end of the stream.
    pub(super) fn fill_more(&mut self) -> io::Result<bool> {
        if self.position - self.mark > self.retained {
            self.mark = self.position - self.retained / 2;
            self.forget();
        }
        let length = self.buffer.len();
        self.buffer.resize(length + CHUNK_BYTES, 0);
        let read = loop {
            match self.inner.read(&mut self.buffer[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.buffer.truncate(length + read.as_ref().map_or(0, |&read| read));
        let read = read?;
        self.taken += read as u64;
        Ok(read > 0)
    }

    /// At least so many bytes from the position on, fewer only at the end of the stream.
    pub(super) fn peek(&mut self, bytes: usize) -> io::Result<&[u8]> {
        while self.ahead().len() < bytes && self.fill_more()? {}
        Ok(self.ahead())
    }
}

impl<R: Read> Read for Rewindable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Rewindable<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, bytes: usize) {
        self.skip(bytes);
    }
}
