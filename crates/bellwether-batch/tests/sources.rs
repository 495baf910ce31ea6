//! Inputs, sound and hostile: what becomes a document, what becomes an error, and that nothing around it is lost.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

mod compressed;
mod records;

use std::io::{self, Read};

use bellwether_batch::source::{Format, Input, MAX_LINE_BYTES, Reader};
use bellwether_batch::{Document, DocumentId, RecordErrorKind};
use compressed::{gzip, zstandard};
use records::{Records, kinds, texts};

fn read(format: Format, bytes: impl Read + Send + 'static) -> Records {
    Reader::default().read(format, "input", bytes).collect()
}

fn json_lines(bytes: &[u8]) -> Records {
    read(Format::JsonLines, io::Cursor::new(bytes.to_owned()))
}

#[test]
fn fields_are_taken_by_name() {
    let records =
        json_lines(b"{\"id\":\"a\",\"text\":\"one\",\"lang\":\"en\",\"other\":[1,{\"text\":2}]}\n{\"text\":\"two\",\"id\":7}\n");
    let [Ok(a), Ok(b)] = records.as_slice() else { panic!("{records:?}") };
    assert_eq!((&a.id, a.text.as_str(), a.lang.as_deref()), (&DocumentId::from("a"), "one", Some("en")));
    assert_eq!((&b.id, b.lang.as_deref()), (&DocumentId::Number(7.into()), None));
    let renamed = Reader::default().text_field("body").id_field("url");
    let records: Records =
        renamed.read(Format::JsonLines, "x", &b"{\"url\":\"u\",\"body\":\"three\",\"text\":\"no\"}"[..]).collect();
    assert_eq!(records[0].as_ref().unwrap(), &Document::new("u", "three"));
}

#[test]
fn a_record_without_a_name_is_called_by_its_place() {
    let records = json_lines(b"\n  \n{\"text\":\"one\"}\r\n");
    assert_eq!(records, [Ok(Document::new("input:3", "one"))]);
}

#[test]
fn lines_end_at_newlines_alone() {
    let records = read(Format::PlainText, "one\u{2028}still one\u{85}\r\ntwo\n\nthree".as_bytes());
    assert_eq!(texts(&records), ["one\u{2028}still one\u{85}", "two", "three"]);
}

#[test]
fn a_bad_record_costs_no_other() {
    let cases: [(&[u8], RecordErrorKind); 9] = [
        (b"not json", RecordErrorKind::InvalidJson),
        (b"{\"text\":\"cut", RecordErrorKind::InvalidJson),
        (b"[\"text\"]", RecordErrorKind::InvalidJson),
        (b"{\"text\":\"lone \\ud800 surrogate\"}", RecordErrorKind::InvalidJson),
        (b"{\"text\":\"a\"} {\"text\":\"b\"}", RecordErrorKind::InvalidJson),
        (b"{\"text\":7}", RecordErrorKind::MissingText),
        (b"{\"body\":\"a\"}", RecordErrorKind::MissingText),
        (b"{\"text\":\"bad \xff bytes\"}", RecordErrorKind::InvalidUtf8),
        (&[0; 40], RecordErrorKind::InvalidJson),
    ];
    for (line, kind) in cases {
        let records = json_lines(&[b"{\"text\":\"before\"}\n", line, b"\n{\"text\":\"after\"}\n"].concat());
        assert_eq!(kinds(&records), [None, Some(kind), None], "{}", line.escape_ascii());
        assert_eq!(texts(&records), ["before", "after"]);
        assert!(records[1].as_ref().unwrap_err().message.starts_with("input:2: "));
    }
}

#[test]
fn deep_nesting_does_no_harm() {
    let deep = [vec![b'['; 200_000], vec![b']'; 200_000]].concat();
    // A field that nobody asked for is passed over without recursion; one that was asked for is refused.
    for (field, expected) in [("other", Some(RecordErrorKind::MissingText)), ("text", Some(RecordErrorKind::InvalidJson))] {
        let line = [b"{\"", field.as_bytes(), b"\":", deep.as_slice(), b"}\n{\"text\":\"b\"}"].concat();
        assert_eq!(kinds(&json_lines(&line)), [expected, None], "{field}");
    }
}

#[test]
fn a_line_over_the_limit_is_passed_over() {
    let long = 200 << 20;
    let before = io::Cursor::new(b"{\"text\":\"before\"}\n{\"text\":\"".to_vec());
    let after = io::Cursor::new(b"\"}\n{\"text\":\"after\"}\n".to_vec());
    let records = read(Format::JsonLines, before.chain(io::repeat(b'a').take(long)).chain(after));
    assert_eq!(kinds(&records), [None, Some(RecordErrorKind::LimitExceeded), None]);
    assert_eq!(texts(&records), ["before", "after"]);
    assert!(records[1].as_ref().unwrap_err().message.contains(&MAX_LINE_BYTES.to_string()));
}

#[test]
fn a_line_at_the_limit_is_read() {
    for (length, fits) in [(MAX_LINE_BYTES, true), (MAX_LINE_BYTES + 1, false)] {
        let records = read(Format::PlainText, io::repeat(b'a').take(length as u64).chain(&b"\nb\n"[..]));
        assert_eq!((records[0].is_ok(), records.len()), (fits, 2));
    }
}

#[test]
fn compressed_inputs_are_recognised() {
    let parts: [&[u8]; 2] = [b"{\"text\":\"one\"}\n{\"text\":", b"\"two\"}\n"];
    let plain = parts.concat();
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"any"].concat();
    for (name, bytes) in [
        ("plain", plain.clone()),
        ("gzip", gzip(&plain)),
        ("two members", parts.map(gzip).concat()),
        ("zstandard", zstandard(&plain)),
        ("two frames", parts.map(zstandard).concat()),
        ("skippable frames", [skippable.clone(), zstandard(parts[0]), skippable, zstandard(parts[1])].concat()),
    ] {
        assert_eq!(texts(&json_lines(&bytes)), ["one", "two"], "{name}");
    }
}

#[test]
fn a_truncated_input_gives_what_it_has_and_an_error() {
    let lines: String =
        (0..5000).fold(String::new(), |text, i| format!("{text}{{\"text\":\"line number {}\"}}\n", i * 7919 % 5003));
    for (name, whole) in [("gzip", gzip(lines.as_bytes())), ("zstandard", zstandard(lines.as_bytes()))] {
        let records = json_lines(&whole[..whole.len() - 9]);
        let (last, others) = records.split_last().unwrap();
        assert_eq!(last.as_ref().unwrap_err().kind, RecordErrorKind::UnreadableInput, "{name}: {last:?}");
        assert!(others.iter().all(Result::is_ok), "{name}");
        assert!(json_lines(&whole).iter().all(Result::is_ok), "{name}");
    }
}

#[test]
fn a_damaged_input_is_not_taken_for_a_sound_one() {
    let lines = "{\"text\":\"the same line again\"}\n".repeat(400);
    for (name, whole) in [("gzip", gzip(lines.as_bytes())), ("zstandard", zstandard(lines.as_bytes()))] {
        let mut damaged = whole;
        let at = damaged.len() - 3;
        damaged[at] ^= 0x10;
        let records = json_lines(&damaged);
        assert_eq!(records.last().unwrap().as_ref().unwrap_err().kind, RecordErrorKind::UnreadableInput, "{name}");
    }
}

#[test]
fn formats_follow_names() {
    for (name, format) in [
        ("a.jsonl", Some(Format::JsonLines)),
        ("a.NDJSON.GZ", Some(Format::JsonLines)),
        ("a.b.txt.zst", Some(Format::PlainText)),
        ("a.gz", None),
        ("jsonl", None),
        ("a.exe", None),
    ] {
        assert_eq!(Input::File(name.into()).format(), format, "{name}");
    }
    let file = tempfile::Builder::new().suffix(".unknown").tempfile().unwrap();
    let error = Reader::default().open(&Input::File(file.path().to_owned()), |_| ()).unwrap_err();
    assert!(error.to_string().contains("state the format"), "{error}");
    let error = Reader::default().open(&Input::File("no/such/file.txt".into()), |_| ()).unwrap_err();
    assert!(error.to_string().contains("no/such/file.txt"), "{error}");
}
