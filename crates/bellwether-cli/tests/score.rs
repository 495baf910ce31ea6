//! The command as a person or a script meets it: output, exit status, messages.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use proptest::prelude::*;
use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn bellwether(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
    command.current_dir(ROOT).env_remove("BELLWETHER_MODEL").args(arguments);
    command
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = bellwether(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|threads| {
        // The command may end before it has read everything.
        threads.spawn(move || stdin.write_all(input));
        child.wait_with_output().unwrap()
    })
}

fn lines(output: &Output) -> Vec<Value> {
    let text = str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn fixtures_are_scored_in_order() {
    let output = run(&["score", "fixtures/documents.jsonl"], b"");
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let fixtures = fs::read_to_string(Path::new(ROOT).join("fixtures/documents.jsonl")).unwrap();
    let expected: Vec<Value> = fixtures.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let scored = lines(&output);
    assert_eq!(scored.len(), expected.len());
    for (scored, expected) in scored.iter().zip(&expected) {
        assert_eq!((&scored["id"], &scored["lang"]), (&expected["id"], &expected["lang"]));
        assert!(scored["error"].is_null());
        assert_eq!(scored["scores"].as_object().unwrap().len(), 5);
    }
    let closing = errors(&output);
    for word in ["documents 60", "flagged", "failed    0", "engine    ", "multilingual-small"] {
        assert!(closing.contains(word), "{closing:?} does not say {word:?}");
    }
}

#[test]
fn threads_and_inputs_change_nothing() {
    let alone = run(&["score", "-j", "1", "--quiet", "fixtures/documents.jsonl"], b"");
    let together = run(&["score", "-j", "3", "--quiet", "fixtures/documents.jsonl"], b"");
    let piped = run(&["score", "--quiet"], &fs::read(Path::new(ROOT).join("fixtures/documents.jsonl")).unwrap());
    assert!(alone.stdout == together.stdout && alone.stdout == piped.stdout);
    assert!(alone.stderr.is_empty(), "{}", errors(&alone));
}

#[test]
fn an_output_file_appears_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.jsonl");
    let output = run(&["score", "--format", "text", "-o", path.to_str().unwrap(), "-"], b"The bus was late.\n");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
    let line: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(line["id"], "-:1");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_name_says_the_format_of_the_output() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let input = b"{\"id\": 7, \"text\": \"The bus was late.\"}\nnot json\n";
    let score = |more: &[&str]| {
        let output = run(&[&["score", "--quiet"], more].concat(), input);
        assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
        output
    };
    let plain = score(&[]);
    score(&["-o", &path("scores.jsonl.gz")]);
    let mut unpacked = Vec::new();
    let file = fs::File::open(path("scores.jsonl.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == plain.stdout);

    score(&["-o", &path("scores.csv")]);
    let csv = fs::read_to_string(path("scores.csv")).unwrap();
    assert!(csv.starts_with("id,score_radicalization,") && csv.lines().count() == 3, "{csv}");
    assert_eq!(score(&["--output-format", "csv"]).stdout, csv.as_bytes());
    score(&["--with-text", "-o", &path("scores.parquet")]);
    let read = run(&["score", "--quiet", &path("scores.parquet")], b"");
    assert_eq!(lines(&read)[0]["scores"], lines(&plain)[0]["scores"]);
    let dolma = lines(&score(&["--output-format", "dolma"]));
    assert_eq!((dolma.len(), &dolma[0]["id"], &dolma[1]["attributes"]), (2, &Value::from(7), &serde_json::json!({})));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn texts_are_written_on_demand_and_redacted_under_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    fs::write(&key, "a key for the tests").unwrap();
    let key = key.to_str().unwrap();
    let input = b"{\"id\": \"@anna\", \"text\": \"The bus was late, says @anna.\"}\n";
    let text = |more: &[&str]| {
        let output = run(&[&["score", "--quiet"], more].concat(), input);
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
        let line = lines(&output).swap_remove(0);
        (line["id"].as_str().unwrap().to_owned(), line["text"].as_str().map(str::to_owned))
    };
    let (plain, written) = ("@anna".to_owned(), "The bus was late, says @anna.");
    assert_eq!(text(&[]), (plain.clone(), None));
    assert_eq!(text(&["--with-text"]), (plain.clone(), Some(written.to_owned())));
    assert_eq!(text(&["--with-text", "--no-text"]), (plain.clone(), None));
    assert_eq!(text(&["--no-text", "--with-text"]), (plain, Some(written.to_owned())));
    let (id, redacted) = text(&["--with-text", "--redact", key]);
    assert!(id.starts_with("<handle:"), "{id}");
    assert_eq!(redacted, Some(written.replace("@anna", &id)));
    assert_eq!(text(&["--redact", key]), (id, None));

    fs::write(key, "too short").unwrap();
    let output = run(&["score", "--redact", key], input);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(errors(&output).contains("at least 16"), "{}", errors(&output));
}

#[test]
fn failed_documents_have_a_line_and_exit_status_1() {
    let input = b"{\"text\":\"The bus was late.\"}\nnot json\n{\"id\":\"empty\",\"text\":\" \"}\n{\"id\":2,\"body\":\"x\"}\n{\"text\":\"bad \xff\"}\n{\"text\":\"The bus was late.\"}\n";
    let output = run(&["score"], input);
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
    let lines = lines(&output);
    let kinds: Vec<_> = lines.iter().map(|line| line["error"]["kind"].as_str()).collect();
    assert_eq!(kinds, [None, Some("invalid_json"), Some("empty_text"), Some("missing_text"), Some("invalid_utf8"), None]);
    assert_eq!((&lines[2]["id"], &lines[3]["id"]), (&Value::from("empty"), &Value::from(2)));
    assert!(lines[1].get("scores").is_none());
    assert_eq!(lines[0]["scores"], lines[5]["scores"]);
    assert!(errors(&output).contains("failed    4"), "{}", errors(&output));
}

#[test]
fn a_folder_of_archives_and_tables_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let record = |kind: &str, more: &str| {
        let text = "The bus was late.";
        let length = text.len();
        format!(
            "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{kind}>\r\n{more}Content-Length: {length}\r\n\r\n{text}\r\n\r\n"
        )
    };
    let page = record("conversion", "WARC-Target-URI: http://example.org/\r\nWARC-Date: 2024-05-18T01:58:10Z\r\n");
    fs::write(folder.path().join("b.wet"), record("metadata", "") + &page).unwrap();
    fs::write(folder.path().join("a.csv"), "id,text\n7,The bus was late.\n").unwrap();
    fs::write(folder.path().join("c.png"), "no text").unwrap();
    let output = run(&["score", folder.path().to_str().unwrap()], b"");
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let lines = lines(&output);
    assert_eq!(lines.iter().map(|line| line["id"].as_str()).collect::<Vec<_>>(), [Some("7"), Some("http://example.org/")]);
    assert_eq!((lines[0].get("date"), lines[1]["date"].as_str()), (None, Some("2024-05-18T01:58:10Z")));
    assert_eq!((lines[1].get("digest"), &lines[0]["scores"]), (None, &lines[1]["scores"]));
    assert!(errors(&output).contains("skipped   1 records without a page, 1 files"), "{}", errors(&output));
}

#[test]
fn a_huge_line_and_a_truncated_file_cost_no_other_document() {
    let folder = tempfile::tempdir().unwrap();
    let (huge, cut) = (folder.path().join("huge.txt"), folder.path().join("cut.txt.gz"));
    let mut file = fs::File::create(&huge).unwrap();
    file.write_all(b"The bus was late.\n").unwrap();
    for _ in 0..200 {
        file.write_all(&vec![b'a'; 1 << 20]).unwrap();
    }
    file.write_all(b"\nThe choir sang.\n").unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all("The library opens at nine.\n".repeat(3).as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    fs::write(&cut, &whole[..whole.len() - 6]).unwrap();

    let output = run(&["score", huge.to_str().unwrap(), cut.to_str().unwrap()], b"");
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
    let kinds: Vec<_> = lines(&output).iter().map(|line| line["error"]["kind"].as_str().map(str::to_owned)).collect();
    assert_eq!(&kinds[..3], [None, Some("limit_exceeded".to_owned()), None]);
    assert_eq!(kinds.last().unwrap().as_deref(), Some("unreadable_input"));
}

#[test]
fn fatal_errors_are_told_before_anything_is_scored() {
    let cases: [(&[&str], &[&str]); 12] = [
        (&["score", "no/such/file.jsonl"], &["no/such/file.jsonl", "cannot open"]),
        (&["score", "Cargo.toml"], &["format", "Cargo.toml"]),
        (&["score", "--model", "no/such/model"], &["no/such/model", "cannot read"]),
        (&["score", "--model", "fixtures"], &["fixtures", "manifest.toml"]),
        (&["score", "-o", "scores.parquet.gz"], &["compressed inside"]),
        (&["score", "-o", "scores.xlsx"], &["scores.xlsx", "state the format"]),
        (&["score", "-o", "no/such/folder/scores.csv"], &["no/such/folder/scores.csv"]),
        (&["score", "--output-format", "parquet.zst"], &["--output-format", "compressed inside"]),
        (&["score", "--redact", "no/such/key"], &["no/such/key"]),
        (&["score", "--profile", "brave"], &["brave", "balanced"]),
        (&["score", "--threads", "0"], &["--threads"]),
        (&["model", "verify", "--model", "no/such/model"], &["no/such/model"]),
    ];
    for (arguments, words) in cases {
        let output = run(arguments, b"{\"text\":\"one\"}\n");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        for word in words {
            assert!(errors(&output).contains(word), "{arguments:?}: {:?} does not say {word:?}", errors(&output));
        }
    }
}

#[test]
fn a_runtime_that_was_asked_for_is_used_and_told() {
    let output = run(&["score", "--runtime", "rten", "-"], b"{\"text\": \"The bus was late.\"}\n");
    assert_eq!(output.status.code(), Some(0));
    assert!(errors(&output).contains("engine    rten 0.27"), "{}", errors(&output));
}

#[test]
fn a_missing_runtime_says_what_to_do() {
    let output = bellwether(&["score", "--runtime", "ort", "fixtures/documents.jsonl"])
        .env("ORT_DYLIB_PATH", "no/such/libonnxruntime.so")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    for word in ["no/such/libonnxruntime.so", "ORT_DYLIB_PATH", "--runtime rten"] {
        assert!(errors(&output).contains(word), "{}", errors(&output));
    }
}

#[test]
fn the_model_can_be_looked_into() {
    let verified = run(&["model", "verify"], b"");
    assert_eq!(verified.status.code(), Some(0));
    let shown = run(&["model", "show"], b"");
    let text = str::from_utf8(&shown.stdout).unwrap();
    for word in ["multilingual-small", "balanced", "review", "strict", "fundraising", "encoder.onnx"] {
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn help_teaches() {
    let output = run(&["score", "--help"], b"");
    let text = str::from_utf8(&output.stdout).unwrap();
    for word in [
        "jsonl",
        "parquet",
        "dolma",
        "--redact",
        "--profile",
        "Exit status",
        "evidence",
        "Examples",
        "A job",
        "--fresh",
        "run.json",
        "130",
    ] {
        assert!(text.contains(word), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn every_line_gets_a_line(rows in prop::collection::vec(prop_oneof!["[ -~]{1,60}", "\\PC{1,40}"], 1..12)) {
        let input = rows.join("\n") + "\n";
        let output = run(&["score", "--format", "text", "--quiet"], input.as_bytes());
        let expected = input.split('\n').filter(|row| !row.bytes().all(|byte| byte.is_ascii_whitespace())).count();
        prop_assert_eq!(lines(&output).len(), expected);
        prop_assert!(matches!(output.status.code(), Some(0 | 1)));
    }
}
