//! Scores as they are written: the same in every format, whole or an error, the same bytes each time.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

mod scored;

use std::collections::BTreeMap;
use std::io::{self, Cursor, ErrorKind, Read, Write};
use std::path::Path;

use bellwether::Category;
use bellwether_batch::sink::{OutputFormat, ROW_GROUP_BYTES, ROW_GROUP_ROWS, RunMetadata, Sink, ZSTANDARD_FRAME_BYTES};
use bellwether_batch::source::{Compression, Format, Reader};
use bellwether_batch::{Disclosure, Document, DocumentId, ScoredDocument};
use bytes::Bytes;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use scored::{INPUT, classifier, score};
use serde::Serialize;
use serde_json::Value;

const FORMATS: [&str; 10] =
    ["jsonl", "jsonl.gz", "jsonl.zst", "csv", "csv.gz", "csv.zst", "dolma", "dolma.gz", "dolma.zst", "parquet"];

/// The texts of [`INPUT`], none where a record has none.
const TEXTS: [Option<&str>; 9] = [
    Some("The library opens at nine."),
    Some("The bus was late, \"again\",\nand nobody said why.\r\n\n"),
    None,
    Some("图书馆九点开门。"),
    Some(" \u{200b}"),
    None,
    None,
    Some("The choir\0 sings @anna on +49 30 1234567, or not."),
    Some(
        "Send money to our fighters and their families now, brothers, every coin buys weapons for the war against the unbelievers.",
    ),
];

/// Values by their names; none where there is none.
type Row = BTreeMap<String, Option<String>>;

fn metadata(disclosure: &Disclosure) -> RunMetadata {
    RunMetadata::new(classifier(), disclosure)
}

fn write_with(format: OutputFormat, disclosure: &Disclosure, documents: &[ScoredDocument]) -> Vec<u8> {
    let mut sink = Sink::new(format, &metadata(disclosure), Vec::new()).unwrap();
    for document in documents {
        sink.write(document).unwrap();
    }
    sink.finish().unwrap()
}

fn write(format: &str, disclosure: &Disclosure) -> Vec<u8> {
    write_with(format.parse().unwrap(), disclosure, &score(disclosure))
}

fn unpack(format: &str, bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match format.parse::<OutputFormat>().unwrap().compression() {
        None => plain.extend(bytes),
        Some(Compression::Gzip) => {
            flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
        }
        Some(Compression::Zstandard) => {
            let mut rest = bytes;
            while !rest.is_empty() {
                ruzstd::decoding::StreamingDecoder::new(&mut rest).unwrap().read_to_end(&mut plain).unwrap();
            }
        }
    }
    plain
}

fn json_lines(format: &str, bytes: &[u8]) -> Vec<Value> {
    let text = String::from_utf8(unpack(format, bytes)).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// As it is read from its text: a value made from an `f32` directly has more digits.
fn json(value: &impl Serialize) -> Value {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

/// What a table says of documents, from their JSON.
fn expected(disclosure: &Disclosure) -> Vec<Row> {
    let shown = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        // Every format has to say the same number, and not one that is merely close.
        Value::Number(number) if number.is_f64() => Some(number.as_f64().unwrap().to_string()),
        other => Some(other.to_string()),
    };
    let row = |document: &ScoredDocument| {
        let json = json(document);
        let mut row: Row =
            ["id", "stage", "coverage", "windows", "lang", "lang_supported", "evidence", "date", "digest", "duplicate_of"]
                .into_iter()
                .map(|name| (name.to_owned(), shown(&json[name])))
                .collect();
        for (prefix, names) in [
            ("score", ["radicalization", "recruitment", "training", "planning", "fundraising"].as_slice()),
            ("context", &["advocacy", "reporting", "counter", "unrelated"]),
        ] {
            let object = if prefix == "score" { &json["scores"] } else { &json["context"] };
            row.extend(names.iter().map(|name| (format!("{prefix}_{name}"), shown(&object[name]))));
        }
        let labels = json["labels"]
            .as_array()
            .map(|labels| labels.iter().map(|label| label.as_str().unwrap()).collect::<Vec<_>>().join(" "));
        row.insert("labels".into(), labels);
        for name in ["kind", "message"] {
            row.insert(format!("error_{name}"), shown(&json["error"][name]));
        }
        if disclosure.is_with_text() {
            row.insert("text".into(), shown(&json["text"]));
        }
        row
    };
    score(disclosure).iter().map(row).collect()
}

/// JSON inside a value, with its names in the order of the alphabet.
fn in_order(name: &str, value: String) -> String {
    if name == "evidence" && !value.is_empty() { serde_json::from_str::<Value>(&value).unwrap().to_string() } else { value }
}

fn csv_rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let (mut parser, mut rest) = (csv_core::Reader::new(), bytes);
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let mut buffer = [0; 64];
        let (result, read, written) = parser.read_field(rest, &mut buffer);
        rest = &rest[read..];
        field.extend_from_slice(&buffer[..written]);
        match result {
            csv_core::ReadFieldResult::Field { record_end } => {
                row.push(String::from_utf8(std::mem::take(&mut field)).unwrap());
                if record_end {
                    rows.push(std::mem::take(&mut row));
                }
            }
            csv_core::ReadFieldResult::End => return rows,
            _ => {}
        }
    }
}

fn parquet_rows(bytes: Vec<u8>) -> Vec<Row> {
    let file = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
    let shown = |field: &Field| match field {
        Field::Null => None,
        Field::Str(text) => Some(text.clone()),
        Field::Double(number) => Some(number.to_string()),
        Field::Long(count) => Some(count.to_string()),
        Field::Bool(flag) => Some(flag.to_string()),
        Field::ListInternal(list) => {
            let names = list.elements().iter().map(|name| match name {
                Field::Str(name) => name.as_str(),
                other => panic!("{other:?}"),
            });
            Some(names.collect::<Vec<_>>().join(" "))
        }
        other => panic!("{other:?}"),
    };
    let row = |row: parquet::record::Row| {
        row.get_column_iter().map(|(name, field)| (name.clone(), shown(field).map(|value| in_order(name, value)))).collect()
    };
    file.get_row_iter(None).unwrap().map(|found| row(found.unwrap())).collect()
}

#[test]
fn every_format_says_the_same() {
    for disclosure in [Disclosure::default(), Disclosure::default().with_text()] {
        let expected = expected(&disclosure);
        assert_eq!(expected.len(), TEXTS.len());
        assert!(
            expected.iter().any(|row| row["labels"].as_deref() == Some("")) && expected.iter().any(|row| row["labels"].is_none())
        );
        assert!(expected.iter().any(|row| row["labels"].as_ref().is_some_and(|labels| !labels.is_empty())));
        for format in FORMATS {
            let bytes = write(format, &disclosure);
            match format.split_once('.').map_or(format, |(name, _)| name) {
                "jsonl" => {
                    let lines: Vec<Value> = score(&disclosure).iter().map(json).collect();
                    assert_eq!(json_lines(format, &bytes), lines, "{format}");
                }
                "csv" => {
                    let mut rows = csv_rows(&unpack(format, &bytes)).into_iter();
                    let names = rows.next().unwrap();
                    let found = rows.map(|row| {
                        names
                            .iter()
                            .zip(row)
                            .map(|(name, value)| (name.clone(), in_order(name, value)))
                            .collect::<BTreeMap<_, _>>()
                    });
                    let empty_for_none =
                        |row: &Row| row.iter().map(|(n, v)| (n.clone(), v.clone().unwrap_or_default())).collect();
                    let expected: Vec<BTreeMap<_, String>> = expected.iter().map(empty_for_none).collect();
                    assert_eq!(found.collect::<Vec<_>>(), expected, "{format}");
                }
                "dolma" => assert_eq!(json_lines(format, &bytes).len(), TEXTS.len()),
                _ => assert_eq!(parquet_rows(bytes), expected, "{format}"),
            }
        }
    }
}

#[test]
fn our_own_readers_read_what_is_written_with_its_text() {
    let originals: Vec<_> = Reader::default().read(Format::JsonLines, "input", INPUT).collect();
    assert_eq!(
        originals.iter().map(|original| original.as_ref().ok().map(|found| found.text.as_str())).collect::<Vec<_>>(),
        TEXTS
    );
    let disclosure = Disclosure::default().with_text();
    for name in FORMATS.iter().filter(|name| !name.starts_with("dolma")) {
        let format: OutputFormat = name.parse().unwrap();
        let source = match format {
            OutputFormat::JsonLines(_) => Format::JsonLines,
            OutputFormat::CommaSeparated(_) => Format::CommaSeparated,
            _ => Format::Parquet,
        };
        let found: Vec<_> = Reader::default().read_seekable(source, "scores", Cursor::new(write(name, &disclosure))).collect();
        assert_eq!(found.len(), originals.len(), "{name}");
        for ((found, original), scored) in found.iter().zip(&originals).zip(score(&disclosure)) {
            // What has no text has none here either; a table knows no numbers as names.
            let id = |id: &DocumentId| if source == Format::JsonLines { id.clone() } else { id.to_string().into() };
            match original {
                Ok(Document { id: name, text, .. }) => {
                    let found = found.as_ref().unwrap();
                    let lang = scored.language().and_then(|language| language.code()).map(str::to_owned);
                    assert_eq!((&found.id, &found.text, &found.lang), (&id(name), text, &lang));
                }
                Err(_) if source == Format::CommaSeparated => assert_eq!(found.as_ref().unwrap().text, ""),
                Err(_) => assert_eq!(found.as_ref().unwrap_err().kind.name(), "missing_text", "{name}"),
            }
        }
    }
}

#[test]
fn texts_are_written_only_if_both_sides_say_so() {
    let with_text = score(&Disclosure::default().with_text());
    for name in FORMATS {
        let bytes = write_with(name.parse().unwrap(), &Disclosure::default(), &with_text);
        assert_eq!(bytes, write(name, &Disclosure::default()), "{name}");
    }
}

#[test]
fn the_same_documents_give_the_same_bytes() {
    let disclosure = Disclosure::default().with_text();
    for name in FORMATS {
        let mut sink = Sink::new(name.parse().unwrap(), &metadata(&disclosure), Vec::new()).unwrap();
        for document in score(&disclosure) {
            sink.write(&document).unwrap();
            sink.flush().unwrap();
        }
        let bytes = sink.finish().unwrap();
        assert!(bytes == write(name, &disclosure), "{name}");
    }
}

#[test]
fn lines_are_there_once_flushed() {
    let mut written = Vec::new();
    let mut sink = Sink::new("jsonl".parse().unwrap(), &metadata(&Disclosure::default()), &mut written).unwrap();
    sink.write(&score(&Disclosure::default())[0]).unwrap();
    sink.flush().unwrap();
    drop(sink);
    assert_eq!(String::from_utf8(written).unwrap().matches('\n').count(), 1);
}

#[test]
fn no_documents_are_a_sound_file_too() {
    for name in FORMATS {
        let bytes = write_with(name.parse().unwrap(), &Disclosure::default(), &[]);
        match name.split_once('.').map_or(name, |(format, _)| format) {
            "csv" => assert_eq!(csv_rows(&unpack(name, &bytes)).len(), 1),
            "parquet" => assert!(parquet_rows(bytes).is_empty()),
            _ => assert!(unpack(name, &bytes).is_empty() && (bytes.is_empty() != name.contains('.')), "{name}"),
        }
    }
}

#[test]
fn dolma_attributes_line_up_with_the_documents() {
    let scored = score(&Disclosure::default());
    for (line, document) in json_lines("dolma", &write("dolma", &Disclosure::default())).iter().zip(&scored) {
        assert_eq!(line["id"], json(document.id()));
        let attributes = line["attributes"].as_object().unwrap();
        let Ok(classification) = document.outcome() else {
            assert!(attributes.is_empty());
            continue;
        };
        assert_eq!(attributes.len(), 9);
        let score = json(&classification.score(Category::Fundraising));
        let whole = serde_json::json!([[0, document.characters(), score]]);
        assert_eq!(attributes["bellwether__multilingual_small__fundraising"], whole);
        // The toolkit takes a name apart into three.
        assert!(attributes.keys().all(|name| name.split("__").count() == 3));
    }
    let (chinese, characters) = (TEXTS.iter().position(|text| *text == Some("图书馆九点开门。")).unwrap(), Some(8));
    assert_eq!(scored[chinese].characters(), characters);
}

#[test]
fn parquet_files_tell_of_the_run() {
    let disclosure = Disclosure::default();
    let file = SerializedFileReader::new(Bytes::from(write("parquet", &disclosure))).unwrap();
    let found: BTreeMap<_, _> = file
        .metadata()
        .file_metadata()
        .key_value_metadata()
        .unwrap()
        .iter()
        .map(|pair| (pair.key.clone(), pair.value.clone().unwrap()))
        .collect();
    let expected: BTreeMap<_, _> =
        metadata(&disclosure).pairs().map(|(name, value)| (format!("bellwether.{name}"), value)).collect();
    assert_eq!(found, expected);
    assert_eq!(found["bellwether.model_hash"], classifier().model_hash());
    // What serializes and what is written here are the same.
    let json = json(&metadata(&disclosure));
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let json: BTreeMap<_, _> =
        json.as_object().unwrap().iter().map(|(name, value)| (format!("bellwether.{name}"), shown(value))).collect();
    assert_eq!(found, json);
}

#[test]
fn row_groups_and_frames_are_bounded() {
    let (empty, short) = (" ".repeat(1 << 20), score(&Disclosure::default()).swap_remove(0));
    let disclosure = Disclosure::default().with_text();
    let long = ScoredDocument::score_disclosing(classifier(), Ok(Document::new("long", empty)), &disclosure);
    let groups = |bytes: Vec<u8>| {
        let file = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        file.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).collect::<Vec<_>>()
    };
    let repeated = |document: &ScoredDocument, times| std::iter::repeat_n(document.clone(), times).collect::<Vec<_>>();
    let rows = ROW_GROUP_ROWS + 10;
    let many = write_with(OutputFormat::Parquet, &Disclosure::default(), &repeated(&short, rows));
    assert_eq!(groups(many), [i64::try_from(ROW_GROUP_ROWS).unwrap(), 10]);
    let large = write_with(OutputFormat::Parquet, &disclosure, &repeated(&long, 40));
    let read = Reader::default().read_seekable(Format::Parquet, "large", Cursor::new(large.clone()));
    assert_eq!(read.filter(|document| document.as_ref().unwrap().text.len() == 1 << 20).count(), 40);
    assert!(i64::try_from(ROW_GROUP_BYTES >> 20).unwrap() >= groups(large)[0]);

    let lines = write_with("jsonl.zst".parse().unwrap(), &Disclosure::default(), &repeated(&short, rows));
    let read = Reader::default().text_field("stage").read(Format::JsonLines, "lines", Cursor::new(lines.clone()));
    assert_eq!(read.filter(|document| document.as_ref().unwrap().text == "encoder").count(), rows);
    let magics = lines.windows(4).filter(|bytes| Compression::of_magic(bytes) == Some(Compression::Zstandard)).count();
    let plain = unpack("jsonl.zst", &lines).len();
    assert!(magics >= plain.div_ceil(ZSTANDARD_FRAME_BYTES), "{magics} frames for {plain} bytes");
}

/// Takes so many bytes, and then none.
struct FullDisk {
    left: usize,
}

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.left);
        self.left -= taken;
        if taken == 0 { Err(ErrorKind::StorageFull.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_write_error_is_told() {
    let disclosure = Disclosure::default().with_text();
    let scored = score(&disclosure);
    let attempt = |format: OutputFormat, left| {
        let mut sink = Sink::new(format, &metadata(&disclosure), FullDisk { left })?;
        for document in &scored {
            sink.write(document)?;
        }
        sink.finish().map(drop)
    };
    for name in FORMATS {
        let format = name.parse().unwrap();
        let length = write(name, &disclosure).len();
        attempt(format, length).unwrap();
        for left in [0, 1, 100, length / 2, length - 1] {
            assert_eq!(attempt(format, left).unwrap_err().kind(), ErrorKind::StorageFull, "{name} with room for {left}");
        }
    }
}

#[test]
fn formats_are_found_or_refused() {
    type Case = (Option<&'static str>, Option<&'static str>, Result<&'static str, &'static str>);
    let cases: [Case; 19] = [
        (None, None, Ok("jsonl")),
        (Some("csv.gz"), None, Ok("csv.gz")),
        (None, Some("a/scores.jsonl"), Ok("jsonl")),
        (None, Some("scores.JSON.GZ"), Ok("jsonl.gz")),
        (None, Some("scores.ndjson.zst"), Ok("jsonl.zst")),
        (None, Some("scores.csv"), Ok("csv")),
        (None, Some("scores.parquet"), Ok("parquet")),
        (None, Some("scores.pq"), Ok("parquet")),
        (Some("dolma"), Some("part-0.jsonl.gz"), Ok("dolma.gz")),
        (Some("csv"), Some("scores"), Ok("csv")),
        (Some("jsonl.zst"), Some("scores"), Ok("jsonl.zst")),
        (Some("csv"), Some("scores.parquet"), Ok("csv")),
        (None, Some("scores.parquet.gz"), Err("compressed inside")),
        (Some("parquet.zst"), None, Err("compressed inside")),
        (Some("parquet"), Some("scores.gz"), Err("compressed inside")),
        (Some("jsonl.zst"), Some("scores.jsonl.gz"), Err("does not end in")),
        (None, Some("scores"), Err("cannot tell the format of scores")),
        (None, Some("scores.txt.gz"), Err("cannot tell the format")),
        (Some("xlsx"), None, Err("\"xlsx\" is no format")),
    ];
    for (stated, path, expected) in cases {
        let format = stated.map(str::parse).transpose().and_then(|stated| OutputFormat::find(stated, path.map(Path::new)));
        match (format, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found.to_string(), expected, "{stated:?} {path:?}"),
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (found, _) => panic!("{stated:?} {path:?}: {found:?}, not {expected:?}"),
        }
    }
    for name in FORMATS {
        let format: OutputFormat = name.parse().unwrap();
        let file = format!("scores.{}", format.extension());
        let found = OutputFormat::find(None, Some(Path::new(&file))).unwrap();
        assert_eq!(found.to_string(), name.replace("dolma", "jsonl"));
    }
}
