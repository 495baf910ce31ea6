//! The text of an HTML page, in an archive record of the right length. The first byte chooses a charset.

#![no_main]

use bellwether_batch::source::Format;
use libfuzzer_sys::fuzz_target;

const CHARSETS: [&str; 4] = ["", "; charset=utf-8", "; charset=windows-1251", "; charset=utf-16le"];

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, body)) = bytes.split_first() else { return };
    let charset = CHARSETS[usize::from(first) % CHARSETS.len()];
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html{charset}\r\n\r\n");
    let length = head.len() + body.len();
    let header = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:x:y>\r\nContent-Type: application/http\r\nWARC-Target-URI: http://example.org/\r\nContent-Length: {length}\r\n\r\n"
    );
    reading::read_bytes(Format::WebArchive, &[header.as_bytes(), head.as_bytes(), body, b"\r\n\r\n"].concat());
});
