//! Tables: which values become a document, and that a bad row costs no other.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

mod compressed;
mod records;

use std::io::{self, Read};

use bellwether_batch::source::{Format, MAX_COLUMNS, Reader};
use bellwether_batch::{Document, RecordErrorKind};
use compressed::{gzip, zstandard};
use proptest::prelude::*;
use records::{Records, kinds, texts};

fn read(format: Format, bytes: impl Read + Send + 'static) -> Records {
    Reader::default().read(format, "table", bytes).collect()
}

fn comma(bytes: &[u8]) -> Records {
    read(Format::CommaSeparated, io::Cursor::new(bytes.to_owned()))
}

#[test]
fn columns_are_taken_by_name() {
    let table = "\u{feff}lang,other,text,id\r\nen,x,\"one, \"\"two\"\"\nthree\",7\r\n,,four,\r\n";
    let named = Document { lang: Some("en".into()), ..Document::new("7", "one, \"two\"\nthree") };
    assert_eq!(comma(table.as_bytes()), [Ok(named), Ok(Document::new("table:4", "four"))]);
    let renamed = Reader::default().text_field("body").id_field("url");
    let records: Records = renamed.read(Format::CommaSeparated, "x", &b"url,body,text\nu,three,no"[..]).collect();
    assert_eq!(records, [Ok(Document::new("u", "three"))]);
}

#[test]
fn tabs_need_no_quoting() {
    let records = read(Format::TabSeparated, &b"id\ttext\na\t\"It is late, she said.\nb\t5\" wide\n"[..]);
    assert_eq!(records, [Ok(Document::new("a", "\"It is late, she said.")), Ok(Document::new("b", "5\" wide"))]);
}

#[test]
fn compressed_tables_are_recognised() {
    let plain = b"text\none\ntwo\n";
    for bytes in [plain.to_vec(), gzip(plain), zstandard(plain)] {
        assert_eq!(texts(&comma(&bytes)), ["one", "two"]);
    }
}

#[test]
fn a_bad_row_costs_no_other() {
    let wide = ",".repeat(MAX_COLUMNS + 1);
    let cases: [(&[u8], RecordErrorKind); 4] = [
        (b"only one", RecordErrorKind::MalformedRecord),
        (b"a,b,c", RecordErrorKind::MalformedRecord),
        (b"a,bad \xff bytes", RecordErrorKind::InvalidUtf8),
        (wide.as_bytes(), RecordErrorKind::LimitExceeded),
    ];
    for (row, kind) in cases {
        let records = comma(&[b"id,text\n1,before\n", row, b"\n3,after\n"].concat());
        assert_eq!(kinds(&records), [None, Some(kind), None]);
        assert_eq!(texts(&records), ["before", "after"]);
        assert!(records[1].as_ref().unwrap_err().message.starts_with("table:3: "), "{records:?}");
    }
}

#[test]
fn a_quote_that_nobody_closed_costs_its_line() {
    let before = io::Cursor::new(b"id,text\n1,before\n2,\"open\n3,after\n".to_vec());
    let filling = io::repeat(b'\n').take(40 << 20);
    let records = read(Format::CommaSeparated, before.chain(filling).chain(&b"4,last\n"[..]));
    assert_eq!(kinds(&records), [None, Some(RecordErrorKind::LimitExceeded), None, None]);
    assert_eq!(texts(&records), ["before", "after", "last"]);
}

#[test]
fn a_table_without_the_column_is_one_error() {
    let records = comma(b"id,body\n1,a\n2,b\n");
    assert_eq!(kinds(&records), [Some(RecordErrorKind::MissingText)]);
    assert!(records[0].as_ref().unwrap_err().message.contains("\"text\""));
    assert_eq!(comma(b""), []);
    assert_eq!(comma(b"text\n"), []);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(prop_oneof![Just(b','), Just(b'"'), Just(b'\n'), any::<u8>()], 0..400)) {
        comma(&[b"text,id\n", bytes.as_slice()].concat());
        comma(&bytes);
    }
}
