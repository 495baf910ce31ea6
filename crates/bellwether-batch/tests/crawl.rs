//! Web archives, sound and hostile: what becomes a document, what becomes an error, and that nothing around it is lost.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

mod compressed;
mod records;

use std::io::{self, Read, Write};

use bellwether_batch::source::{
    Format, MAX_HTML_DEPTH, MAX_RECORD_BYTES, MAX_RECORD_HEADERS, MAX_TAG_ATTRIBUTES, MAX_TAG_BYTES, Reader,
};
use bellwether_batch::{Document, DocumentId, RecordError, RecordErrorKind};
use compressed::{gzip, zstandard};
use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use proptest::prelude::*;
use records::{Records, kinds, texts};

fn read(bytes: impl Read + Send + 'static) -> Records {
    Reader::default().read(Format::WebArchive, "archive", bytes).collect()
}

fn archive(records: &[Vec<u8>]) -> Records {
    read(io::Cursor::new(records.concat()))
}

/// A record with its block, and `length` as what it says of the block's length.
fn stating(kind: &str, uri: &str, more: &str, block: &[u8], length: usize) -> Vec<u8> {
    let header = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:of-{uri}>\r\nWARC-Target-URI: {uri}\r\n{more}Content-Length: {length}\r\n\r\n"
    );
    [header.as_bytes(), block, b"\r\n\r\n"].concat()
}

fn conversion(uri: &str, text: &str) -> Vec<u8> {
    stating("conversion", uri, "Content-Type: text/plain\r\n", text.as_bytes(), text.len())
}

fn response(uri: &str, http: &str, body: &[u8]) -> Vec<u8> {
    let block = [b"HTTP/1.1 200 OK\r\n", http.as_bytes(), b"\r\n", body].concat();
    stating("response", uri, "Content-Type: application/http; msgtype=response\r\n", &block, block.len())
}

/// The document of a page alone.
fn page(http: &str, body: &[u8]) -> Result<Document, RecordError> {
    let mut records = archive(&[response("http://example.org/", http, body)]);
    assert_eq!(records.len(), 1, "{records:?}");
    records.remove(0)
}

const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n";

fn in_chunks(body: &[u8]) -> Vec<u8> {
    let chunk = |bytes: &[u8]| [format!("{:x};any=thing\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    let (one, two) = body.split_at(body.len() / 2);
    [chunk(one), chunk(two), b"0\r\nTrailer: x\r\n\r\n".to_vec()].concat()
}

#[test]
fn records_become_documents_by_their_kind() {
    let request = b"GET / HTTP/1.1\r\n\r\n";
    let records = [
        stating("warcinfo", "x", "", b"software: none\r\n", 16),
        stating("request", "http://a.org/", "Content-Type: application/http; msgtype=request\r\n", request, request.len()),
        response("<http://a.org/>", HTML, b"<title>Choir</title><p>The choir sings on Sunday.</p><script>no</script>"),
        response("http://a.org/logo", "Content-Type: image/png\r\n", b"\x89PNG"),
        response("http://a.org/notes", "content-type: text/plain\r\n", b"The bus\nwas late.\n"),
        stating("response", "dns:a.org", "Content-Type: text/dns\r\n", b"a.org. A 192.0.2.1", 18),
        stating(
            "conversion",
            "http://b.org/",
            "WARC-Date: 2024-05-18T01:58:10Z\r\nWARC-Payload-Digest: sha1:ABC\r\n",
            "Zwölf Gäste.\n".as_bytes(),
            15,
        ),
    ];
    let plain = records.concat();
    let members: Vec<u8> = records.iter().flat_map(gzip).collect();
    let bare_line_ends = plain.clone();
    for (name, bytes) in [
        ("plain", plain.clone()),
        ("a member for each record", members),
        ("one member", gzip(&plain)),
        ("zstandard", zstandard(&plain)),
        ("more line ends", [b"\r\n\r\n", bare_line_ends.as_slice(), b"\r\n"].concat()),
    ] {
        let mut documents = Reader::default().read(Format::WebArchive, "archive", io::Cursor::new(bytes));
        let found: Records = documents.by_ref().collect();
        assert_eq!(texts(&found), ["Choir\n\nThe choir sings on Sunday.", "The bus\nwas late.\n", "Zwölf Gäste."], "{name}");
        assert_eq!(documents.skipped().records(), 4, "{name}");
        assert_eq!(found[0].as_ref().unwrap().id, DocumentId::from("http://a.org/"));
        let wet = found[2].as_ref().unwrap();
        let (date, digest) = (wet.date.as_deref(), wet.digest.as_deref());
        assert_eq!((&wet.id, date, digest), (&"http://b.org/".into(), Some("2024-05-18T01:58:10Z"), Some("sha1:ABC")));
    }
}

#[test]
fn a_record_without_an_address_is_called_by_its_own_id() {
    let record = b"WARC/1.1\nWARC-Type: conversion\nWARC-Record-ID:\n <urn:uuid:7>\ncontent-length: 3\n\none\n\n";
    assert_eq!(archive(&[record.to_vec()]), [Ok(Document::new("urn:uuid:7", "one"))]);
}

#[test]
fn bodies_are_unwrapped() {
    let body = b"<p>The library opens at nine.</p>";
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(body).unwrap();
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(body).unwrap();
    let chunked = "Transfer-Encoding: chunked\r\n";
    let cases = [
        (chunked.to_owned(), in_chunks(body)),
        (format!("{chunked}Content-Encoding: gzip\r\n"), in_chunks(&gzip(body))),
        ("Content-Encoding: x-gzip\r\n".into(), gzip(body)),
        ("Content-Encoding: deflate\r\n".into(), zlib.finish().unwrap()),
        ("Content-Encoding: deflate\r\n".into(), deflate.finish().unwrap()),
        ("Content-Encoding: zstd\r\n".into(), zstandard(body)),
        // The crawler unwrapped the body and kept the header.
        (chunked.into(), body.to_vec()),
        ("Content-Encoding: gzip\r\n".into(), body.to_vec()),
    ];
    for (http, body) in cases {
        let document = page(&format!("{HTML}{http}"), &body).unwrap();
        assert_eq!(document.text, "The library opens at nine.", "{http}");
    }
}

#[test]
fn bodies_that_cannot_be_unwrapped_are_errors() {
    let compressed = gzip("The same line again and again. ".repeat(400).into_bytes());
    let chunked = in_chunks(b"<p>The library opens at nine.</p>");
    let cases = [
        ("Content-Encoding: br\r\n", b"\x1b\x03".to_vec(), RecordErrorKind::UnsupportedEncoding),
        ("Content-Encoding: gzip\r\n", compressed[..compressed.len() / 2].to_vec(), RecordErrorKind::UnsupportedEncoding),
        ("Transfer-Encoding: chunked\r\n", chunked[..30].to_vec(), RecordErrorKind::MalformedRecord),
        ("Content-Encoding: gzip\r\n", gzip(vec![b'a'; 65 << 20]), RecordErrorKind::LimitExceeded),
    ];
    for (http, body, kind) in cases {
        let error = page(&format!("{HTML}{http}"), &body).unwrap_err();
        assert_eq!(error.kind, kind, "{http}");
        assert!(error.message.contains("http://example.org/"), "{}", error.message);
    }
    let block = [format!("HTTP/1.1 200 OK\r\n{HTML}Transfer-Encoding: chunked\r\n\r\n").as_bytes(), &chunked[..30]].concat();
    let more = "WARC-Truncated: length\r\nContent-Type: application/http\r\n";
    let cut = archive(&[stating("response", "http://example.org/", more, &block, block.len())]);
    assert!(cut[0].as_ref().unwrap().text.starts_with("The"), "what the crawler cut itself is read: {cut:?}");
}

#[test]
fn charsets_are_found_out() {
    let text = "Хор поёт в воскресенье, автобус опоздал.";
    let (windows, _, _) = encoding_rs::WINDOWS_1251.encode(text);
    let utf8 = text.as_bytes();
    let meta = |charset: &str, bytes: &[u8]| {
        let head =
            format!("<!-- <meta charset=koi8-r> --><head><META content='text/html; charset={charset}' http-equiv=Content-Type>");
        [head.as_bytes(), b"</head><p>", bytes, b"</p>"].concat()
    };
    let bare = |bytes: &[u8]| [b"<p>", bytes, b"</p>"].concat();
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(format!("<p>{text}</p>").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let html = |charset: &str| format!("Content-Type: Text/HTML;Charset=\"{charset}\"\r\n");
    let silent = "Content-Type: text/html\r\n".to_owned();
    for (name, http, body) in [
        ("header", html("windows-1251"), bare(&windows)),
        ("meta", silent.clone(), meta("windows-1251", &windows)),
        ("XML", silent.clone(), [b"<?xml version='1.0' encoding='windows-1251'?>", bare(&windows).as_slice()].concat()),
        ("nothing", silent.clone(), bare(&windows)),
        ("header lies, meta does not", html("utf-8"), meta("windows-1251", &windows)),
        ("both lie", html("utf-8"), meta("utf-8", &windows)),
        ("UTF-8 under another name", html("iso-8859-1"), meta("iso-8859-1", utf8)),
        ("unknown name", html("any"), bare(utf8)),
        ("byte order mark", html("windows-1251"), utf16),
    ] {
        assert_eq!(page(&http, &body).unwrap().text, text, "{name}");
    }
    let damaged = page(&html("utf-8"), &[b"<p>", utf8, b"\xff</p>"].concat()).unwrap().text;
    assert_eq!(damaged, format!("{text}\u{fffd}"), "one bad byte is no reason to doubt what is stated");
}

#[test]
fn the_main_text_is_told_from_what_is_around_it() {
    let paragraph = "<p>The choir of the town met again on Sunday, and forty people came to hear it, more than ever before.</p>";
    let html = format!(
        "<html><head><title>Choir</title><style>p {{}}</style></head><body><nav><ul><li><a href=/a>Home</a><li><a href=/b>Shop</a></ul></nav>\
         <article>{}</article><footer><a href=/c>Imprint</a></footer></body></html>",
        paragraph.repeat(8)
    );
    let text = page(HTML, html.as_bytes()).unwrap().text;
    assert!(text.starts_with("Choir\n\nThe choir of the town") && text.matches("forty people").count() == 8, "{text}");
    assert!(!text.contains("Shop") && !text.contains("Imprint"), "{text}");
    let links = "<title>Links</title><script>var x</script><ul><li><a href=/a>Home</a><li><a href=/b>Shop</a></ul>";
    let text = page(HTML, links.as_bytes()).unwrap().text;
    assert!(text.contains("Home") && text.contains("Shop") && !text.contains("var"), "{text}");
    let titles: String = (0..90).fold(String::new(), |html, number| {
        format!("{html}<li><a href=/{number}>Title {number} of a long list of what the choir has sung, and where</a>")
    });
    let list = format!("<article>{}</article><div class=sidebar><ul>{titles}</ul></div>", paragraph.repeat(6));
    let text = page(HTML, list.as_bytes()).unwrap().text;
    assert!(text.contains("forty people") && text.contains("Title 89 of"), "an entry is not the page: {text}");
    assert_eq!(page(HTML, b"").unwrap().text, "");
}

#[test]
fn deep_and_growing_pages_are_refused() {
    let deep = |tag: &str, times: usize| tag.repeat(times) + "text";
    let fonts: String = (0..400).fold("<p>".into(), |html, number| format!("{html}<font size={number}>"));
    for (name, html) in [
        ("elements", deep("<div>", 100_000)),
        ("formatting", deep("<b>", 100_000)),
        ("lists", deep("<ul><li>", 100_000)),
        ("tables", deep("<table><tr><td>", 50_000)),
        ("out of a table", deep("<table>", 1) + &deep("<i><b>", 50_000)),
        ("templates", deep("<template>", 100_000)),
        ("foreign", deep("<svg>", 100_000)),
        ("end tags that close nothing", deep("<div><table><td></div>", 50_000)),
        ("more nodes than bytes", fonts + &"<p>x".repeat(100_000)),
    ] {
        let records =
            archive(&[conversion("a", "before"), response("http://deep.org/", HTML, html.as_bytes()), conversion("b", "after")]);
        assert_eq!(kinds(&records), [None, Some(RecordErrorKind::LimitExceeded), None], "{name}");
    }
    let allowed = deep("<div>", MAX_HTML_DEPTH - 8);
    assert_eq!(page(HTML, allowed.as_bytes()).unwrap().text, "text");
}

#[test]
fn tags_with_many_attributes_are_refused() {
    let attributes = |count: usize| (0..count).fold(String::new(), |tag, number| format!("{tag} a{number}='<b x>'"));
    // The length is looked at every 4 KiB.
    let long = "x".repeat(MAX_TAG_BYTES + (8 << 10));
    let short = (0..1000).fold(String::new(), |tag, number| format!("{tag} {number}"));
    let many = format!("<p{short}>").repeat(1100);
    for (name, html) in [
        ("many", format!("<p{}>text", attributes(200_000))),
        ("without an end", format!("<p{}", attributes(2000))),
        ("in an end tag, behind a character", format!("&am</p{}>text", attributes(2000))),
        ("without spaces", format!("<p{}>text", "/a".repeat(4000))),
        ("a long one", format!("<p a={long}>text")),
        ("many tags", many),
    ] {
        let records =
            archive(&[conversion("a", "before"), response("http://a.org/", HTML, html.as_bytes()), conversion("b", "c")]);
        assert_eq!(kinds(&records), [None, Some(RecordErrorKind::LimitExceeded), None], "{name}");
    }
    let words = "a 'b' /c ".repeat(4000);
    for (name, html) in [
        ("all that are allowed", format!("<p{}>text", attributes(MAX_TAG_ATTRIBUTES))),
        ("a long value", format!("<p a=\"{words}\">text")),
        ("a comment", format!("<!doctype html {words}><!-- <p {words} {words}--><p>text")),
        ("a script", format!("<script>a <b {words} {words}</script><p>text")),
    ] {
        assert_eq!(page(HTML, html.as_bytes()).map(|document| document.text), Ok("text".to_owned()), "{name}");
    }
}

#[test]
fn a_bad_record_costs_no_other() {
    let text = "The bus was late.";
    let conversion_stating = |length| stating("conversion", "bad", "", text.as_bytes(), length);
    let headers = format!("{HTML}{}", "X: y\r\n".repeat(300));
    let malformed = RecordErrorKind::MalformedRecord;
    let cases: Vec<(&str, Vec<u8>, RecordErrorKind)> = vec![
        ("short length", conversion_stating(5), malformed),
        ("long length", conversion_stating(40), malformed),
        ("length beyond the end", conversion_stating(1 << 20), malformed),
        ("length beyond the limit", conversion_stating(MAX_RECORD_BYTES as usize + 1), RecordErrorKind::LimitExceeded),
        (
            "length beyond all",
            b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: x\r\nContent-Length: 99999999999999999999\r\n\r\nx\r\n\r\n"
                .to_vec(),
            malformed,
        ),
        ("no length", b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: x\r\n\r\nany\r\n\r\n".to_vec(), malformed),
        ("no type", b"WARC/1.0\r\nWARC-Record-ID: x\r\nContent-Length: 3\r\n\r\nany\r\n\r\n".to_vec(), malformed),
        ("no id", b"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 3\r\n\r\nany\r\n\r\n".to_vec(), malformed),
        ("no record", b"any bytes at all\r\n\r\n".to_vec(), malformed),
        (
            "no end of the header",
            [b"WARC/1.0\r\n", "A: b\r\n".repeat(20_000).as_bytes()].concat(),
            RecordErrorKind::LimitExceeded,
        ),
        ("no text", stating("conversion", "bad", "", b"\xff\xfe", 2), RecordErrorKind::InvalidUtf8),
        ("no HTTP", stating("response", "http://bad/", "", b"any", 3), malformed),
        (
            "many headers",
            stating("response", "http://bad/", &"X: y\r\n".repeat(MAX_RECORD_HEADERS), b"x", 1),
            RecordErrorKind::LimitExceeded,
        ),
        ("many HTTP headers", response("http://bad/", &headers, b"x"), RecordErrorKind::LimitExceeded),
        (
            "large HTTP header",
            response("http://bad/", &format!("X: {}\r\n", "y".repeat(70_000)), b"x"),
            RecordErrorKind::LimitExceeded,
        ),
    ];
    for (name, bad, kind) in cases {
        let records = [conversion("a", "before"), bad, conversion("b", "after"), conversion("c", "last")];
        let members: Vec<_> = records.iter().map(gzip).collect();
        for (form, bytes) in [("plain", &records[..]), ("gzip", &members[..])] {
            let found = archive(bytes);
            assert_eq!(kinds(&found), [None, Some(kind), None, None], "{name}, {form}: {found:?}");
            assert_eq!(texts(&found), ["before", "after", "last"], "{name}, {form}");
        }
    }
}

#[test]
fn a_damaged_member_costs_no_other() {
    let page = gzip(conversion("bad", &(0..3000).fold(String::new(), |text, number| format!("{text} {}", number * 7919 % 3001))));
    let middle = page.len() / 2;
    let mut flipped = page.clone();
    flipped[middle] ^= 0x55;
    let mut wrong_sum = page.clone();
    wrong_sum[page.len() - 6] ^= 1;
    let mut wrong_method = page.clone();
    wrong_method[2] = 9;
    for (name, bad) in [
        ("cut in the middle", page[..middle].to_vec()),
        ("cut within the header", page[..5].to_vec()),
        ("cut before the checksum", page[..page.len() - 8].to_vec()),
        ("cut within the checksum", page[..page.len() - 3].to_vec()),
        ("flipped bits", flipped),
        ("wrong checksum", wrong_sum),
        ("wrong method", wrong_method),
        ("rubbish", b"rubbish \x1f\x8b\x08 and more of it".repeat(9)),
    ] {
        let found = archive(&[gzip(conversion("a", "before")), bad.clone(), gzip(conversion("b", "after"))]);
        assert_eq!(kinds(&found), [None, Some(RecordErrorKind::UnreadableInput), None], "{name}: {found:?}");
        assert_eq!(texts(&found), ["before", "after"], "{name}");
        let found = archive(&[gzip(conversion("a", "before")), bad]);
        assert_eq!(kinds(&found), [None, Some(RecordErrorKind::UnreadableInput)], "{name}, at the end: {found:?}");
    }
}

#[test]
fn a_truncated_archive_gives_what_it_has_and_an_error() {
    let whole = [conversion("a", "before"), conversion("b", "after")].concat();
    let found = archive(&[whole[..whole.len() - 7].to_vec()]);
    assert_eq!(kinds(&found), [None, Some(RecordErrorKind::MalformedRecord)]);
    let packed = gzip(&whole);
    let found = archive(&[packed[..packed.len() - 9].to_vec()]);
    assert_eq!(kinds(&found).last(), Some(&Some(RecordErrorKind::UnreadableInput)), "{found:?}");
    for empty in [&b""[..], b"\r\n\r\n"] {
        assert_eq!(archive(&[empty.to_vec()]), []);
    }
}

#[test]
fn records_over_the_limit_are_passed_over() {
    let size = 100 << 20;
    let large = |kind: &str, http: &str| {
        let head = format!("HTTP/1.1 200 OK\r\n{http}\r\n");
        let mut record = stating(kind, "http://large/", "", head.as_bytes(), head.len() + size);
        record.truncate(record.len() - 4);
        io::Cursor::new(record).chain(io::repeat(b'a').take(size as u64)).chain(&b"\r\n\r\n"[..])
    };
    let before = io::Cursor::new(conversion("a", "before"));
    let after = io::Cursor::new(conversion("b", "after"));
    let video = large("response", "Content-Type: video/mp4\r\n");
    let found = read(before.chain(video).chain(large("response", HTML)).chain(large("resource", "")).chain(after));
    assert_eq!(kinds(&found), [None, Some(RecordErrorKind::LimitExceeded), None]);
    assert_eq!(texts(&found), ["before", "after"]);
}

/// Pieces that an archive is made of, so that random ones come near the interesting cases.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        Just(conversion("a", "text")),
        Just(gzip(conversion("a", "text"))),
        Just(response("http://a/", HTML, b"<p>text<table><b>")),
        Just(response("http://a/", "Content-Type: text/html\r\nTransfer-Encoding: chunked\r\n", b"5\r\nab")),
        Just(b"WARC/1.0\r\nContent-Length: 9\r\n\r\n".to_vec()),
        Just(b"\r\n\r\nWARC/1.".to_vec()),
        Just(vec![0x1f, 0x8b, 8]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_end(pieces in prop::collection::vec((piece(), 0..8_usize), 0..8), packed: bool) {
        let bytes: Vec<u8> = pieces.iter().flat_map(|(piece, cut)| &piece[..piece.len().saturating_sub(*cut)]).copied().collect();
        archive(&[if packed { gzip(&bytes) } else { bytes }]);
    }

    #[test]
    fn any_page_ends(html in "(<[a-z]{1,8}( [a-z]+=[a-z'\"]*)?>|</[a-z]{1,8}>|<(table|td|b|p|template|select|form|a)>|[a-zй&;#<!-]{0,9}){0,60}", charset in "[a-z0-9-]{0,12}") {
        let http = format!("Content-Type: text/html; charset={charset}\r\n");
        prop_assert!(page(&http, html.as_bytes()).is_ok());
    }
}
