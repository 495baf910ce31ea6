//! What hostile inputs are made of.

use std::io::{self, Cursor, Read};

use flate2::Compression;
use flate2::write::GzEncoder;

/// A line of JSON with this text.
pub(crate) fn line(text: &str) -> Vec<u8> {
    format!("{{\"text\":\"{text}\"}}\n").into()
}

/// So many times the same byte, made while it is read.
pub(crate) fn repeated(byte: u8, times: u64) -> impl Read + Send {
    io::repeat(byte).take(times)
}

pub(crate) fn chain(before: Vec<u8>, middle: impl Read + Send, after: Vec<u8>) -> impl Read + Send {
    Cursor::new(before).chain(middle).chain(Cursor::new(b"\n")).chain(Cursor::new(after))
}

/// What a stream holds, compressed while it is made.
pub(crate) fn gzip_of(mut bytes: impl Read) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    io::copy(&mut bytes, &mut encoder).unwrap();
    encoder.finish().unwrap()
}

/// A frame (RFC 8878) of blocks that each say 131,072 times the same byte in four bytes.
pub(crate) fn zstandard_bomb(bytes: usize) -> Vec<u8> {
    const BLOCK: usize = 128 << 10;
    // The magic number, no content size and no checksum, and a window of 1 MiB.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 10 << 3];
    let blocks = bytes / BLOCK;
    for block in 1..=blocks {
        let header = (BLOCK << 3 | 1 << 1 | usize::from(block == blocks)) as u32;
        frame.extend(&header.to_le_bytes()[..3]);
        frame.push(b'a');
    }
    frame
}

/// A record of a WET file.
pub(crate) fn conversion(text: &str) -> Vec<u8> {
    record("conversion", "text/plain", text.as_bytes())
}

/// A page as it was served.
pub(crate) fn response(media_type: &str, http: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\n{http}\r\n");
    record("response", "application/http; msgtype=response", &[head.as_bytes(), body].concat())
}

fn record(kind: &str, content_type: &str, block: &[u8]) -> Vec<u8> {
    let header = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:x:y>\r\nWARC-Target-URI: http://example.org/\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [header.as_bytes(), block, b"\r\n\r\n"].concat()
}
