//! Web archives: WARC 1.0 and 1.1 (ISO 28500:2017), and WET, which are archives of text.

mod body;
mod charset;
mod html_text;
mod http_response;
mod limited_tree;
mod named_fields;
mod open_tag;
mod page;
mod record_header;

use std::io::{self, Read};

use super::compression::{self, Compression, Failed};
use super::gzip_members::GzipMembers;
use super::ratio;
use super::record::Record;
use super::rewindable::Rewindable;
use super::skipped::Skipped;
use crate::{Document, RecordError, RecordErrorKind};
pub use body::MAX_BODY_BYTES;
use http_response::{HeadError, HttpHead};
pub use http_response::{MAX_HTTP_HEADER_BYTES, MAX_HTTP_HEADERS};
pub use limited_tree::{MAX_HTML_ATTRIBUTES, MAX_HTML_DEPTH, MAX_HTML_NODES, MAX_TAG_ATTRIBUTES, MAX_TAG_BYTES};
use named_fields::{NamedFields, block_end};
pub(super) use page::Page;
use record_header::{RecordHeader, VERSION};

/// The largest block of a record that is read, in bytes: 64 MiB. A larger one that would hold a page becomes an error.
pub const MAX_RECORD_BYTES: u64 = 64 << 20;

/// The largest header of a record that is read, in bytes: 64 KiB.
pub const MAX_RECORD_HEADER_BYTES: usize = 64 << 10;

/// The most fields that the header of a record may have: 256.
pub const MAX_RECORD_HEADERS: usize = 256;

/// How many bytes of line ends may stand behind a block. There should be 4.
const MAX_LINE_ENDS: usize = 64;

/// The line that begins a record, with the end of the one before it.
const NEXT_RECORD: &[u8] = b"\nWARC/1.";

/// The documents of an archive: the text of its pages.
///
/// A record is believed if it ends where its length says; if not, reading goes on at the next line that begins a record,
/// even inside the block of the bad one. Behind damaged compression it goes on at the next
/// sound gzip member.
pub(super) struct WebArchive {
    bytes: Rewindable<Stream>,
    name: String,
    number: u64,
    ended: bool,
    /// What is still to be said of where the archive ended.
    last: Option<Record>,
    skipped: Skipped,
}

enum Stream {
    Members(Box<GzipMembers<Box<dyn Read + Send>>>),
    Other(Box<dyn Read + Send>),
}

/// What was read.
enum Step {
    Record(Record),
    Skipped,
    End,
}

/// Why there is no sound record.
enum Failure {
    Record { id: Option<String>, kind: RecordErrorKind, detail: String },
    Skipped,
    Input(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Input(error)
    }
}

fn malformed(id: Option<&RecordHeader>, detail: impl Into<String>) -> Failure {
    Failure::Record { id: id.map(|header| header.id.clone()), kind: RecordErrorKind::MalformedRecord, detail: detail.into() }
}

fn limit(id: Option<&RecordHeader>, detail: impl Into<String>) -> Failure {
    Failure::Record { id: id.map(|header| header.id.clone()), kind: RecordErrorKind::LimitExceeded, detail: detail.into() }
}

impl WebArchive {
    pub(super) fn new(bytes: impl Read + Send + 'static, name: String, skipped: Skipped) -> Self {
        let stream = match compression::recognise(bytes) {
            Ok((Some(Compression::Gzip), whole)) => Stream::Members(Box::new(GzipMembers::new(Box::new(whole)))),
            Ok((other, whole)) => Stream::Other(compression::decompressed(other, whole)),
            Err(error) => Stream::Other(Box::new(Failed(Some(error)))),
        };
        Self { bytes: Rewindable::new(stream, usize::MAX), name, number: 0, ended: false, last: None, skipped }
    }

    /// Reads one record to its end.
    fn read(&mut self) -> Result<Step, Failure> {
        while matches!(self.bytes.peek(1)?.first(), Some(b'\r' | b'\n')) {
            self.bytes.skip(1);
            self.bytes.mark();
        }
        self.bytes.mark();
        if self.bytes.peek(1)?.is_empty() {
            return Ok(Step::End);
        }
        let (header, begin) = self.header()?;
        if header.length > MAX_RECORD_BYTES {
            return Err(self.too_large(&header, begin));
        }
        let length = begin + header.length as usize;
        let held = self.bytes.peek(length)?.len();
        if held < length {
            let found = held - begin;
            let detail = format!("its Content-Length is {}, but only {found} bytes are left of the archive", header.length);
            return Err(malformed(Some(&header), detail));
        }
        self.bytes.skip(length);
        let end = self.bytes.absolute();
        match self.is_ended() {
            Ok(true) => {}
            Ok(false) => return Err(malformed(Some(&header), "it does not end where its Content-Length says")),
            // What is damaged is the next record, if the checksum over this one was found right.
            Err(_) if self.bytes.inner().verified() >= end => {}
            Err(error) => return Err(error.into()),
        }
        let place = format!("{}:{}", self.name, self.number);
        let record = record(header, &self.bytes.held()[begin..length], place);
        self.bytes.mark();
        Ok(record.map_or(Step::Skipped, Step::Record))
    }

    /// The header of the record here, and where its block begins behind the mark.
    fn header(&mut self) -> Result<(RecordHeader, usize), Failure> {
        if !self.bytes.peek(VERSION.len())?.starts_with(VERSION) {
            return Err(malformed(None, "no record begins here: its first line would be WARC/1.0 or WARC/1.1"));
        }
        loop {
            let ahead = self.bytes.ahead();
            let within = &ahead[..ahead.len().min(MAX_RECORD_HEADER_BYTES)];
            if let Some(end) = block_end(within) {
                let fields = NamedFields::parse(&within[..end], MAX_RECORD_HEADERS)
                    .map_err(|_| limit(None, format!("the header has more fields than the limit of {MAX_RECORD_HEADERS}")))?;
                let header = RecordHeader::new(&fields).map_err(|detail| malformed(None, detail))?;
                return Ok((header, end));
            }
            if within.len() == MAX_RECORD_HEADER_BYTES {
                let detail = format!("the header is over the limit of {MAX_RECORD_HEADER_BYTES} bytes");
                return Err(limit(None, detail));
            }
            if !self.bytes.fill_more()? {
                return Err(malformed(None, "the archive ends within a header"));
            }
        }
    }

    /// What to say of a record over the limit: nothing, if it would be skipped anyway.
    fn too_large(&mut self, header: &RecordHeader, begin: usize) -> Failure {
        let is_page = match header.kind.as_str() {
            "conversion" => is_text(header),
            "response" => match self.bytes.peek(begin + MAX_HTTP_HEADER_BYTES) {
                Ok(ahead) => HttpHead::parse(&ahead[begin..]).is_ok_and(|head| Page::is_wanted(header, &head)),
                Err(error) => return error.into(),
            },
            _ => false,
        };
        let detail = format!("its Content-Length is {}, over the limit of {MAX_RECORD_BYTES}", header.length);
        if is_page { limit(Some(header), detail) } else { Failure::Skipped }
    }

    /// Whether two line ends stand here, as behind every block, or at least another record or the end of the archive;
    /// moves over the line ends.
    fn is_ended(&mut self) -> io::Result<bool> {
        let mut line_ends = 0;
        for _ in 0..MAX_LINE_ENDS {
            match self.bytes.peek(1)?.first() {
                Some(b'\r') => {}
                Some(b'\n') => line_ends += 1,
                _ => break,
            }
            self.bytes.skip(1);
        }
        let ahead = self.bytes.peek(VERSION.len())?;
        Ok(line_ends >= 2 || ahead.is_empty() || ahead.starts_with(VERSION))
    }

    /// Goes to the next record that can be told from what is around it; `false` if there is none. The error is what the
    /// archive ends at.
    fn resynchronise(&mut self) -> io::Result<bool> {
        self.bytes.rewind(0);
        loop {
            let ahead = self.bytes.ahead();
            if let Some(at) = memchr::memmem::find(ahead, NEXT_RECORD) {
                self.bytes.skip(at + 1);
                self.bytes.mark();
                return Ok(true);
            }
            // The beginning of that line may be at the end of what is in memory.
            let passed = ahead.len().saturating_sub(NEXT_RECORD.len() - 1);
            self.bytes.skip(passed);
            self.bytes.mark();
            match self.bytes.fill_more() {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => {
                    self.bytes.discard();
                    return if self.bytes.inner_mut().recover() { Ok(true) } else { Err(error) };
                }
            }
        }
    }
}

impl Iterator for WebArchive {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        while !self.ended {
            self.number += 1;
            let failure = match self.read() {
                Ok(Step::Record(record)) => return Some(record),
                Ok(Step::Skipped) => {
                    self.skipped.add_record();
                    continue;
                }
                Ok(Step::End) => break,
                Err(failure) => failure,
            };
            let place = format!("{}:{}", self.name, self.number);
            let found = self.resynchronise();
            self.ended = !matches!(found, Ok(true));
            let end = found.err().map(|cause| broken(&place, &cause));
            match failure {
                Failure::Input(cause) => return Some(broken(&place, &cause)),
                Failure::Skipped => {
                    self.skipped.add_record();
                    self.last = end;
                }
                Failure::Record { id, kind, detail } => {
                    self.last = end;
                    return Some(error(&place, id, kind, &detail));
                }
            }
        }
        self.ended = true;
        self.last.take()
    }
}

/// What a sound record holds, if it is something to score.
fn record(header: RecordHeader, block: &[u8], place: String) -> Option<Record> {
    match header.kind.as_str() {
        "conversion" if is_text(&header) => Some(converted(header, block, &place)),
        "response" if speaks_http(&header) => match HttpHead::parse(block) {
            Ok(head) if Page::is_wanted(&header, &head) => Some(Page::new(header, place, head, block).into()),
            Ok(_) => None,
            Err(problem) => {
                let (kind, detail) = match problem {
                    HeadError::NotHttp => (RecordErrorKind::MalformedRecord, "its block is no HTTP response".to_owned()),
                    HeadError::TooLarge => (
                        RecordErrorKind::LimitExceeded,
                        format!("its HTTP header is over the limit of {MAX_HTTP_HEADER_BYTES} bytes"),
                    ),
                    HeadError::TooManyFields => {
                        (RecordErrorKind::LimitExceeded, format!("its HTTP header has more than {MAX_HTTP_HEADERS} fields"))
                    }
                };
                Some(error(&place, Some(header.id), kind, &detail))
            }
        },
        _ => None,
    }
}

/// A `conversion` record as a document, if it is text.
fn converted(header: RecordHeader, block: &[u8], place: &str) -> Record {
    match str::from_utf8(block) {
        Ok(text) => {
            let text = text.trim_end();
            Ok(Document { date: header.date, digest: header.payload_digest, ..Document::new(header.id, text) }).into()
        }
        Err(problem) => error(place, Some(header.id), RecordErrorKind::InvalidUtf8, &problem.to_string()),
    }
}

fn is_text(header: &RecordHeader) -> bool {
    header.content_type.as_deref().is_none_or(|value| http_response::MediaType::parse(value).essence == "text/plain")
}

fn speaks_http(header: &RecordHeader) -> bool {
    match header.content_type.as_deref().map(http_response::MediaType::parse) {
        Some(media_type) => media_type.essence == "application/http",
        None => header.id.starts_with("http"),
    }
}

fn broken(place: &str, cause: &io::Error) -> Record {
    Record::failed(place, ratio::kind(cause), format_args!("the archive is damaged or breaks off: {cause}"))
}

fn error(place: &str, id: Option<String>, kind: RecordErrorKind, detail: &str) -> Record {
    match id {
        Some(id) => Err(RecordError::new(id.as_str().into(), kind, format!("{place} ({id}): {detail}"))).into(),
        None => Record::failed(place, kind, detail),
    }
}

impl Stream {
    /// How many of the bytes read are known to be what was once written.
    fn verified(&self) -> u64 {
        match self {
            Self::Members(members) => members.verified(),
            Self::Other(_) => u64::MAX,
        }
    }

    /// Goes on behind damage, if that is possible.
    fn recover(&mut self) -> bool {
        match self {
            Self::Members(members) => members.recover(VERSION),
            Self::Other(_) => false,
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Members(members) => members.read(buffer),
            Self::Other(bytes) => bytes.read(buffer),
        }
    }
}
