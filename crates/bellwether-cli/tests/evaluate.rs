//! `bellwether evaluate` as a person or a script meets it: tables, JSON, exit status, messages.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Two pairs of the committed suite are enough: an unoptimised encoder is slow.
const SUITE_LINES: usize = 4;

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
    command.current_dir(ROOT).env_remove("BELLWETHER_MODEL").arg("evaluate").args(arguments).output().unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn table(output: &Output) -> &str {
    str::from_utf8(&output.stdout).unwrap()
}

fn written(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn read_json(path: impl AsRef<Path>) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The first pairs of the committed functional suite.
fn suite(folder: &TempDir) -> String {
    let cases = fs::read_to_string(Path::new(ROOT).join("fixtures/functional/cases.jsonl")).unwrap();
    let first: Vec<_> = cases.lines().take(SUITE_LINES).collect();
    written(folder, "suite.jsonl", first.join("\n") + "\n")
}

const DATA: &str = r#"{"text":"Give to the Northern Column, so that its fighters can buy what they need.","labels":["fundraising"],"lang":"en"}
{"text":"Give to the choir, so that it can buy new folders.","labels":[],"lang":"en","group":"choir"}
{"text":"The bus was late.","labels":[],"lang":"en","group":"bus"}
{"text":"Le bus est en retard.","labels":[],"lang":"fr","group":"bus"}
{"text":"Nobody knows.","labels":["training"],"sure":false}
"#;

#[test]
fn labelled_documents_are_measured() {
    let folder = tempfile::tempdir().unwrap();
    let data = written(&folder, "data.jsonl", DATA);
    let json_path = folder.path().join("measures.json");
    let output = run(&[&data, "--json", json_path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    for words in [
        "data: 4 documents, 1 unsure left out, 0 failed",
        "average precision",
        "Labels that each profile gives",
        "not measurable: 3 negatives, it takes 100",
        "Benign documents flagged, of 3",
        "by language",
        "by group",
    ] {
        assert!(table(&output).contains(words), "{:?} does not say {words:?}", table(&output));
    }
    assert!(errors(&output).contains("engine    "), "{}", errors(&output));

    let measured = read_json(json_path);
    let fundraising = &measured["evaluation"]["categories"]["fundraising"];
    assert_eq!((&fundraising["positives"], &fundraising["negatives"]), (&json!(1), &json!(3)));
    assert!(fundraising["average_precision"].as_f64().unwrap() > 0.0);
    assert!(measured["evaluation"]["categories"]["training"]["average_precision"].is_null());
    for profile in ["balanced", "review", "strict"] {
        assert_eq!(fundraising["profiles"][profile]["recall"]["total"], 1);
        assert_eq!(measured["evaluation"]["flag_rates"]["all"]["profiles"][profile]["any"]["total"], 3);
    }
    let groups = measured["evaluation"]["flag_rates"]["groups"].as_array().unwrap();
    let groups: Vec<_> = groups.iter().map(|group| (&group["name"], &group["documents"])).collect();
    assert_eq!(groups, [(&json!("bus"), &json!(2)), (&json!("choir"), &json!(1))]);
    assert!(measured["suite"].is_null() && measured["negatives"].is_null() && measured["regressions"].is_null());
    assert_eq!(measured["data"]["unsure"], 1);
}

#[test]
fn scores_are_compared_with_the_thresholds_of_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let data = written(&folder, "data.jsonl", DATA);
    let measured: Value = serde_json::from_slice(&run(&[&data, "--quiet", "--json", "-"]).stdout).unwrap();
    for profile in ["balanced", "review", "strict"] {
        let scored = Command::new(env!("CARGO_BIN_EXE_bellwether"))
            .current_dir(ROOT)
            .env_remove("BELLWETHER_MODEL")
            .args(["score", "--quiet", "--profile", profile, &data])
            .output()
            .unwrap();
        let flagged = str::from_utf8(&scored.stdout).unwrap().lines().skip(1).take(3).filter(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["labels"] != json!([])
        });
        let counted = &measured["evaluation"]["flag_rates"]["all"]["profiles"][profile]["any"]["count"];
        assert_eq!(counted, &json!(flagged.count()), "{profile}");
    }
}

#[test]
fn negatives_may_come_from_another_file() {
    let folder = tempfile::tempdir().unwrap();
    let data = written(&folder, "data.jsonl", DATA);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"{\"text\":\"The choir sang.\",\"group\":\"choir\"}\n{\"text\":\"It rained.\",\"group\":\"weather\"}\n")
        .unwrap();
    let negatives = written(&folder, "benign.jsonl.gz", gzip.finish().unwrap());
    let more = written(&folder, "more.txt", "The library opens at nine.\n");
    let output = run(&[&data, "--quiet", "--json", "-", "--negatives", &negatives, &more]);
    assert_eq!((output.status.code(), errors(&output).as_str()), (Some(0), ""));
    let measured: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&measured["data"]["documents"], &measured["negatives"]["documents"]), (&json!(4), &json!(3)));
    let evaluation = &measured["evaluation"];
    assert_eq!(evaluation["documents"], 4);
    assert_eq!(evaluation["flag_rates"]["groups"][1]["name"], "weather");
    assert_eq!(evaluation["categories"]["fundraising"]["negatives"], 3);
    assert_eq!(evaluation["categories"]["training"]["recall_at_false_positive_rate"][0]["negatives"], 3);
}

#[test]
fn threads_change_nothing() {
    let documents = fs::read_to_string(Path::new(ROOT).join("fixtures/documents.jsonl")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = written(&folder, "data.jsonl", documents.lines().take(12).collect::<Vec<_>>().join("\n"));
    let [alone, together] = ["1", "3"].map(|threads| run(&[&data, "-j", threads, "--quiet", "--max-windows", "1"]));
    assert_eq!(alone.status.code(), Some(0), "{}", errors(&alone));
    assert!(alone.stdout == together.stdout && alone.stderr.is_empty());
}

#[test]
fn bad_records_are_told_and_give_exit_status_1() {
    let folder = tempfile::tempdir().unwrap();
    let bad = "{\"text\":\"A goal!\",\"labels\":[\"sport\"]}\n{\"text\":\"one\"}\n{\"text\":\" \",\"labels\":[]}\n";
    let data = written(&folder, "data.jsonl", DATA.to_owned() + bad);
    let output = run(&[&data, "--quiet", "--json", "-"]);
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
    let measured: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(measured["data"]["failed"], json!({"invalid_annotation": 2, "empty_text": 1}));
    assert_eq!(measured["data"]["documents"], 4);
    for words in ["data.jsonl:6", "\"sport\" is not one of radicalization", "data.jsonl:7", "\"labels\"", "empty_text"] {
        assert!(errors(&output).contains(words), "{:?} does not say {words:?}", errors(&output));
    }
}

#[test]
fn a_suite_is_counted_and_compared_with_its_baseline() {
    let folder = tempfile::tempdir().unwrap();
    let cases = suite(&folder);
    let baseline = folder.path().join("baseline.json");
    let baseline = baseline.to_str().unwrap();
    let output = run(&["--suite", &cases, "--quiet", "--write-baseline", baseline]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    for words in ["Functional suite by functionality", "armed-meeting", "by language", "ranked right", "both right", "total"] {
        assert!(table(&output).contains(words), "{:?} does not say {words:?}", table(&output));
    }
    let found = read_json(baseline);
    assert_eq!(found["functionalities"]["armed-meeting"]["pairs"], SUITE_LINES / 2);
    assert_eq!(found["model"]["hash"].as_str().unwrap().len(), 64);

    let same = run(&["--suite", &cases, "--quiet", "--baseline", baseline]);
    assert_eq!(same.status.code(), Some(0), "{}", errors(&same));
    assert!(table(&same).contains("No functionality passes fewer pairs"), "{}", table(&same));

    // More passes than there are pairs, which no model reaches.
    let mut impossible = found;
    impossible["functionalities"]["armed-meeting"]["both_right"] = json!(SUITE_LINES);
    impossible["functionalities"]["choir"] = json!({"pairs": 1, "ranked_right": 1, "both_right": 1});
    let impossible = written(&folder, "impossible.json", impossible.to_string());
    let regressed = run(&["--suite", &cases, "--quiet", "--baseline", &impossible, "--json", "-"]);
    assert_eq!(regressed.status.code(), Some(1), "{}", errors(&regressed));
    for words in ["REGRESSION in armed-meeting: both right", "of 2, was 4 of 2", "REGRESSION in choir: ranked right 0 of 0"] {
        assert!(errors(&regressed).contains(words), "{:?} does not say {words:?}", errors(&regressed));
    }
    let measured: Value = serde_json::from_slice(&regressed.stdout).unwrap();
    assert_eq!(measured["regressions"].as_array().unwrap().len(), 2);
    assert_eq!(measured["suite"]["pairs"].as_array().unwrap().len(), SUITE_LINES / 2);
    assert_eq!(measured["suite"]["total"]["pairs"], SUITE_LINES / 2);
}

#[test]
fn fatal_errors_are_told_before_anything_is_scored() {
    let folder = tempfile::tempdir().unwrap();
    let half = fs::read_to_string(suite(&folder)).unwrap();
    let half = written(&folder, "half.jsonl", half.lines().next().unwrap());
    let data = written(&folder, "data.jsonl", DATA);
    let empty = written(&folder, "empty.jsonl", "");
    let broken = written(&folder, "broken.json", "{\"format\": 1}");
    let cases: [(&[&str], &[&str]); 9] = [
        (&[], &["<DATA>"]),
        (&["no/such/file.jsonl"], &["no/such/file.jsonl", "cannot open"]),
        (&[&data, "--negatives", "no/such/file.jsonl"], &["no/such/file.jsonl", "cannot open"]),
        (&["--suite", &half], &["armed-meeting-en-1", "1 member"]),
        (&["--suite", &data], &["pair", "data.jsonl:1"]),
        (&[&data, "--baseline", &broken], &["--suite"]),
        (&["--suite", &half, "--baseline", &broken], &["broken.json", "not a baseline"]),
        (&["--suite", &half, "--baseline", "no/such/baseline.json"], &["no/such/baseline.json", "cannot read"]),
        (&[&empty], &["no document"]),
    ];
    for (arguments, words) in cases {
        let output = run(arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        for word in words {
            assert!(errors(&output).contains(word), "{arguments:?}: {:?} does not say {word:?}", errors(&output));
        }
    }
}

#[test]
fn help_teaches() {
    let output = run(&["--help"]);
    for word in ["jsonl", "labels", "--negatives", "--suite", "ranked right", "Examples", "Exit status"] {
        assert!(table(&output).contains(word), "{}", table(&output));
    }
}
