//! Parquet files, sound and hostile: which rows become documents, and that what is damaged costs no other row group.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

mod parquet_file;
mod parquet_footer;
mod records;

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bellwether_batch::source::{Format, Input, MAX_PAGE_BYTES, MAX_VALUE_BYTES, Reader};
use bellwether_batch::{Document, DocumentId, RecordErrorKind};
use parquet::file::properties::WriterVersion::{PARQUET_1_0, PARQUET_2_0};
use parquet_file::{WAYS, Way, empty, write};
use parquet_footer::{TEXT_COLUMN, nested, with_footer};
use proptest::prelude::*;
use records::{Records, kinds, texts};

fn read(bytes: Vec<u8>) -> Records {
    Reader::default().read_seekable(Format::Parquet, "table", Cursor::new(bytes)).collect()
}

/// Two row groups in every way of writing them.
fn files() -> impl Iterator<Item = (String, Vec<u8>)> {
    WAYS.into_iter().flat_map(|way| {
        [PARQUET_1_0, PARQUET_2_0].into_iter().map(move |version| {
            let first: [Option<&[u8]>; 4] = [Some(b"The bus was late."), None, Some(b"The bus was late again."), Some(b"")];
            let second: [Option<&[u8]>; 2] = [Some(b"bad \xff bytes"), Some("Zwölf Gäste.".as_bytes())];
            (format!("{way:?} {version:?}"), write(&[&first, &second], way, version))
        })
    })
}

#[test]
fn rows_become_documents() {
    for (name, bytes) in files() {
        let found = read(bytes);
        assert_eq!(texts(&found), ["The bus was late.", "The bus was late again.", "", "Zwölf Gäste."], "{name}");
        let expected = [None, Some(RecordErrorKind::MissingText), None, None, Some(RecordErrorKind::InvalidUtf8), None];
        assert_eq!(kinds(&found), expected, "{name}");
        assert_eq!(found[5].as_ref().unwrap().id, DocumentId::Number(5.into()), "{name}");
        assert!(found[4].as_ref().unwrap_err().message.starts_with("table:5: "), "{found:?}");
    }
}

#[test]
fn what_other_writers_write_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parquet_file");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "parquet"));
    assert!(files.len() > 11, "{files:?}");
    for path in files {
        let reader = Reader::default().text_field("body").id_field("name");
        let documents: Records = reader.open(&Input::File(path.clone()), |_| ()).unwrap().collect();
        let place = DocumentId::from(format!("{}:2", path.display()));
        let expected = [
            Ok(Document { lang: Some("en".into()), ..Document::new("a", "The library opens at nine.") }),
            Ok(Document { lang: None, ..Document::new(place, "The library opens at ten.") }),
            Ok(Document { lang: Some("de".into()), ..Document::new("c", "Zwölf Gäste.") }),
        ];
        assert_eq!(documents[..3], expected, "{}", path.display());
        assert_eq!(documents.len(), 200, "{}", path.display());
        assert_eq!(documents[199].as_ref().unwrap().text, "Row 199 of the table.", "{}", path.display());
    }
}

#[test]
fn a_row_without_a_name_is_called_by_its_place() {
    let bytes = write(&[&[Some(b"one")], &[Some(b"two")]], Way::Plain, PARQUET_1_0);
    let found: Records = Reader::default().id_field("none").read_seekable(Format::Parquet, "table", Cursor::new(bytes)).collect();
    assert_eq!(found, [Ok(Document::new("table:1", "one")), Ok(Document::new("table:2", "two"))]);
}

#[test]
fn a_table_with_other_columns_is_one_error() {
    for (schema, kind) in [
        ("message m { optional binary body (utf8); }", RecordErrorKind::MissingText),
        ("message m { optional group inner { optional binary text (utf8); } }", RecordErrorKind::MissingText),
        ("message m { optional int32 text; }", RecordErrorKind::MalformedRecord),
        ("message m { optional binary text; }", RecordErrorKind::MalformedRecord),
        ("message m { repeated binary text (utf8); }", RecordErrorKind::MalformedRecord),
        ("message m { optional group text { optional binary text (utf8); } }", RecordErrorKind::MalformedRecord),
        ("message m { optional binary text (utf8); optional double id; }", RecordErrorKind::MalformedRecord),
        ("message m { optional binary text (utf8); optional int64 id (timestamp_millis); }", RecordErrorKind::MalformedRecord),
        ("message m { optional binary text (utf8); optional int64 lang; }", RecordErrorKind::MalformedRecord),
    ] {
        let found = read(empty(schema));
        assert_eq!(kinds(&found), [Some(kind)], "{schema}: {found:?}");
    }
    assert_eq!(read(empty("message m { required binary text (utf8); optional int32 id (uint_8); }")), []);
}

#[test]
fn texts_over_the_limit_cost_no_other() {
    let long = vec![b'a'; MAX_VALUE_BYTES + 1];
    let found = read(write(&[&[Some(b"before"), Some(&long), Some(b"after")]], Way::Plain, PARQUET_1_0));
    assert_eq!(kinds(&found), [None, Some(RecordErrorKind::LimitExceeded), None]);
    let longer = vec![b'a'; MAX_PAGE_BYTES];
    let found = read(write(&[&[Some(&longer)], &[Some(b"after")]], Way::Plain, PARQUET_1_0));
    assert_eq!(kinds(&found), [Some(RecordErrorKind::LimitExceeded), None]);
}

#[test]
fn a_damaged_row_group_costs_no_other() {
    for way in WAYS {
        let texts: [&[Option<&[u8]>]; 3] = [&[Some(b"before")], &[Some(b"damaged"), Some(b"lost")], &[Some(b"after")]];
        let mut bytes = write(&texts, way, PARQUET_1_0);
        let at = bytes.windows(7).position(|window| window == b"damaged").unwrap();
        // The lengths that stand before the texts, and the page's header.
        bytes[at - 20..at].fill(0xff);
        let found = read(bytes);
        assert_eq!(kinds(&found), [None, Some(RecordErrorKind::UnreadableInput), None], "{way:?} {found:?}");
        assert_eq!(records::texts(&found), ["before", "after"], "{way:?}");
        let message = &found[1].as_ref().unwrap_err().message;
        assert!(message.starts_with("table:2: row group 2 ") && message.contains("2 rows are lost"), "{message}");
    }
}

#[test]
fn parquet_needs_a_file() {
    let whole = write(&[&[Some(b"one")]], Way::Plain, PARQUET_1_0);
    let found: Records = Reader::default().read(Format::Parquet, "-", Cursor::new(whole.clone())).collect();
    assert_eq!(kinds(&found), [Some(RecordErrorKind::UnreadableInput)]);
    let error = Reader::default().format(Format::Parquet).open(&Input::Stdin, |_| ()).unwrap_err();
    assert!(error.to_string().contains("must be a file"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let packed = folder.path().join("b.parquet.gz");
    fs::write(&packed, [0x1f, 0x8b, 8, 0]).unwrap();
    let error = Reader::default().open(&Input::File(packed), |_| ()).unwrap_err();
    assert!(error.to_string().contains("decompress it first"), "{error}");
    fs::write(folder.path().join("a.parquet"), &whole).unwrap();
    fs::write(folder.path().join("c.pq"), &whole).unwrap();
    let counted = Arc::new(AtomicU64::new(0));
    let taken = Arc::clone(&counted);
    let count = move |bytes| {
        taken.fetch_add(bytes, Ordering::Relaxed);
    };
    let found: Records = Reader::default().open(&Input::File(folder.path().to_owned()), count).unwrap().collect();
    assert_eq!(kinds(&found), [None, Some(RecordErrorKind::UnreadableInput), None]);
    assert_eq!(counted.load(Ordering::Relaxed), 2 * whole.len() as u64);
}

#[test]
fn what_is_no_parquet_is_one_error() {
    let whole = write(&[&[Some(b"one")]], Way::Plain, PARQUET_1_0);
    let encrypted = [&whole[..whole.len() - 4], b"PARE"].concat();
    assert_eq!(kinds(&read(encrypted)), [Some(RecordErrorKind::UnsupportedEncoding)]);
    let large = [&whole[..whole.len() - 8], &[0xff; 4], b"PAR1"].concat();
    assert_eq!(kinds(&read(large)), [Some(RecordErrorKind::LimitExceeded)]);
    for length in 0..whole.len() {
        assert_eq!(kinds(&read(whole[..length].to_vec())), [Some(RecordErrorKind::UnreadableInput)], "{length}");
    }
}

#[test]
fn a_schema_may_be_nested_to_any_depth() {
    let found = read(with_footer(&nested(100_000, &[]), 0));
    assert_eq!(kinds(&found), [Some(RecordErrorKind::MissingText)]);
    // The wanted column stands behind the nested ones.
    assert_eq!(read(with_footer(&nested(100_000, TEXT_COLUMN), 0)), []);
}

#[test]
fn rows_that_are_in_no_row_group_are_told() {
    let found = read(with_footer(&nested(0, TEXT_COLUMN), 5));
    assert_eq!(kinds(&found), [Some(RecordErrorKind::UnreadableInput)]);
    let message = &found[0].as_ref().unwrap_err().message;
    assert!(message.contains("states 5 rows, but its row groups have 0"), "{message}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_damage_ends(which in 0..WAYS.len() * 2, places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let (_, mut bytes) = files().nth(which).unwrap();
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        // A page that is all nulls takes no room, so a damaged file may well say that it has millions of rows, or none.
        Reader::default().read_seekable(Format::Parquet, "table", Cursor::new(bytes)).take(100_000).count();
    }
}
