//! Labelled inputs: what becomes an annotation, and what is refused.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::io::{Cursor, Write};

use bellwether::Category;
use bellwether_batch::source::{AbsentLabels, Format, Reader};
use bellwether_batch::{LabelledDocument, RecordError, RecordErrorKind};
use flate2::Compression;
use flate2::write::GzEncoder;

fn read(format: Format, absent_labels: AbsentLabels, bytes: &[u8]) -> Vec<Result<LabelledDocument, RecordError>> {
    Reader::default().read_labelled(format, "input", absent_labels, Cursor::new(bytes.to_owned())).collect()
}

#[test]
fn annotations_stand_beside_the_document() {
    let lines = br#"{"id":7,"text":"one","lang":"en","labels":["planning","training"],"sure":false,"group":"choir","pair":"p","functionality":"f","other":[{}]}
{"text":"two","labels":[]}
"#;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(lines).unwrap();
    for bytes in [lines.to_vec(), gzip.finish().unwrap()] {
        let records = read(Format::JsonLines, AbsentLabels::Refused, &bytes);
        let [Ok(one), Ok(two)] = records.as_slice() else { panic!("{records:?}") };
        assert_eq!((one.document.id.to_string(), one.document.lang.as_deref()), ("7".to_owned(), Some("en")));
        let annotation = &one.annotation;
        assert_eq!(annotation.labels, [Category::Training, Category::Planning].into());
        assert!(!annotation.sure && two.annotation.sure);
        let texts = [&annotation.group, &annotation.pair, &annotation.functionality].map(Option::as_deref);
        assert_eq!(texts, ["choir", "p", "f"].map(Some));
        assert!(two.annotation.labels.is_empty());
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    let cases: [(&str, RecordErrorKind, &str); 8] = [
        (r#"{"text":"a","labels":["sport"]}"#, RecordErrorKind::InvalidAnnotation, "sport"),
        (r#"{"text":"a","labels":[1]}"#, RecordErrorKind::InvalidAnnotation, "labels"),
        (r#"{"text":"a","labels":"training"}"#, RecordErrorKind::InvalidAnnotation, "array"),
        (r#"{"text":"a"}"#, RecordErrorKind::InvalidAnnotation, "no field"),
        (r#"{"text":"a","labels":[],"sure":1}"#, RecordErrorKind::InvalidAnnotation, "sure"),
        (r#"{"text":"a","labels":[],"group":{}}"#, RecordErrorKind::InvalidAnnotation, "group"),
        (r#"{"labels":["sport"]}"#, RecordErrorKind::MissingText, "text"),
        ("not json", RecordErrorKind::InvalidJson, "input:1"),
    ];
    for (line, kind, word) in cases {
        let records =
            read(Format::JsonLines, AbsentLabels::Refused, format!("{line}\n{{\"text\":\"b\",\"labels\":[]}}").as_bytes());
        let error = records[0].as_ref().unwrap_err();
        assert_eq!(error.kind, kind, "{line}");
        assert!(error.message.starts_with("input:1: ") && error.message.contains(word), "{error}");
        assert!(records[1].is_ok());
    }
}

#[test]
fn benign_inputs_need_no_labels() {
    let records = read(Format::JsonLines, AbsentLabels::Benign, br#"{"text":"a"}"#);
    assert!(records[0].as_ref().unwrap().annotation.labels.is_empty());
    let records = read(Format::PlainText, AbsentLabels::Benign, b"The bus was late.\n");
    assert_eq!(records[0].as_ref().unwrap().document.text, "The bus was late.");
    let records = read(Format::PlainText, AbsentLabels::Refused, b"The bus was late.\n");
    assert_eq!(records[0].as_ref().unwrap_err().kind, RecordErrorKind::InvalidAnnotation);
}
