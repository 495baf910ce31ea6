//! The members of a gzip stream (RFC 1952), and how to go on behind a damaged one.

use std::io::{self, Read};

use flate2::bufread::GzDecoder;

use super::rewindable::Rewindable;

/// How far back the next member is looked for when one turns out to be damaged: a truncated member is seen to be one
/// only when bytes of the next have been taken for its own.
const LOOK_BACK_BYTES: usize = 1 << 20;

/// How many bytes of a member are decompressed, at most, to see how its content begins.
const SNIFFED_BYTES: usize = 4 << 10;

/// The first bytes of a member: the magic number, and deflate as its method.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// The content of one member after the other.
///
/// Behind a damaged member every read fails until [`recover`](Self::recover) finds the next sound one.
pub(super) struct GzipMembers<R: Read> {
    state: State<R>,
    failure: Option<(io::ErrorKind, String)>,
    produced: u64,
    verified: u64,
}

enum State<R: Read> {
    Between(Rewindable<R>),
    Inside(GzDecoder<Rewindable<R>>),
    Ended,
}

impl<R: Read> GzipMembers<R> {
    pub(super) const fn new(bytes: R) -> Self {
        let raw = Rewindable::new(bytes, LOOK_BACK_BYTES);
        Self { state: State::Between(raw), failure: None, produced: 0, verified: 0 }
    }

    /// How many of the bytes read so far, since the last recovery, are of members whose checksum was found right.
    pub(super) const fn verified(&self) -> u64 {
        self.verified
    }

    /// Goes to the next member whose content begins with `start`, if there is one.
    pub(super) fn recover(&mut self, start: &[u8]) -> bool {
        let mut raw = match std::mem::replace(&mut self.state, State::Ended) {
            State::Between(raw) => raw,
            State::Inside(member) => member.into_inner(),
            State::Ended => return false,
        };
        if raw.may_rewind() {
            raw.rewind(1);
        }
        (self.failure, self.produced, self.verified) = (None, 0, 0);
        while let Ok(ahead) = raw.peek(SNIFFED_BYTES)
            && !ahead.is_empty()
        {
            match memchr::memmem::find(ahead, &MAGIC) {
                Some(0) if begins_with(ahead, start) => {
                    self.state = State::Between(raw);
                    return true;
                }
                Some(0) => raw.skip(1),
                Some(at) => raw.skip(at),
                None => {
                    // The first two bytes of the magic number may stand at the end.
                    let passed = ahead.len().saturating_sub(MAGIC.len() - 1).max(1);
                    raw.skip(passed);
                }
            }
            raw.mark();
        }
        false
    }

    fn read_member(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Between(mut raw) => {
                    let more = raw.peek(1).map(|ahead| !ahead.is_empty());
                    match more {
                        Ok(true) => {
                            raw.mark();
                            self.state = State::Inside(GzDecoder::new(raw));
                        }
                        Ok(false) => return Ok(0),
                        Err(error) => {
                            self.state = State::Between(raw);
                            return Err(error);
                        }
                    }
                }
                State::Inside(mut member) => {
                    let read = member.read(buffer);
                    if matches!(read, Ok(0)) && !buffer.is_empty() {
                        self.verified = self.produced;
                        self.state = State::Between(member.into_inner());
                        continue;
                    }
                    self.state = State::Inside(member);
                    return read;
                }
                State::Ended => return Ok(0),
            }
        }
    }
}

impl<R: Read> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some((kind, message)) = &self.failure {
            return Err(io::Error::new(*kind, message.clone()));
        }
        let read = self.read_member(buffer);
        match &read {
            Ok(read) => self.produced += *read as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.failure = Some((error.kind(), error.to_string())),
        }
        read
    }
}

fn begins_with(member: &[u8], start: &[u8]) -> bool {
    let mut found = Vec::new();
    let read = GzDecoder::new(&member[..member.len().min(SNIFFED_BYTES)]).take(start.len() as u64).read_to_end(&mut found);
    read.is_ok() && found == start
}
