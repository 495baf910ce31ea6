//! Jobs through the library: the same files whatever was lost before, and a refusal where they would not be.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::collections::BTreeMap;
use std::fs;
use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bellwether::{Classifier, Mode, Profile};
use bellwether_batch::job::{Duplicates, Job, JobBuilder, JobError, RunReport};
use bellwether_batch::source::{Input, Reader};
use bellwether_batch::{Document, sink::OutputFormat};
use proptest::prelude::*;
use serde_json::Value;

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small");

static GATE: LazyLock<Classifier> = LazyLock::new(|| Classifier::builder().mode(Mode::Gate).open(MODEL).unwrap());

const TEXTS: [&str; 5] =
    ["The library opens at nine.", "The bus was late.", " ", "Our choir sells cake for the new roof.", "La piscine est fermée."];

/// Two inputs of the same file name and a damaged one, in a folder of their own.
struct Inputs {
    folder: tempfile::TempDir,
    files: Vec<PathBuf>,
}

impl Inputs {
    fn new(lines: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let line = |n: usize| format!("{{\"id\":{n},\"text\":\"{}\"}}\n", TEXTS[n % TEXTS.len()]);
        let files = vec![folder.path().join("a/posts.jsonl"), folder.path().join("b/posts.jsonl"), folder.path().join("c.jsonl")];
        for name in ["a", "b"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(&files[0], (0..lines).map(line).collect::<String>()).unwrap();
        fs::write(&files[1], (lines..lines + lines / 2).map(line).collect::<String>()).unwrap();
        fs::write(&files[2], "not json\n").unwrap();
        Self { folder, files }
    }

    fn job(&self, output: &Path) -> JobBuilder {
        self.files.iter().fold(Job::builder(output), |job, file| job.input(Input::File(file.clone())))
    }
}

fn some(n: u64) -> NonZeroU64 {
    NonZeroU64::new(n).unwrap()
}

fn run(job: JobBuilder) -> Result<RunReport, JobError> {
    job.build()?.run(&GATE, |_| ControlFlow::Continue(()))
}

/// Everything in a folder but what is kept of the job itself.
fn outputs(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files
        .map(|path| {
            let mut bytes = fs::read(&path).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name == "run.json" {
                let mut report: Value = serde_json::from_slice(&bytes).unwrap();
                assert!(report.as_object_mut().unwrap().remove("timing").unwrap().is_object());
                bytes = report.to_string().into_bytes();
            }
            (name, bytes)
        })
        .collect()
}

fn records(folder: &Path) -> Vec<PathBuf> {
    let mut records: Vec<_> = fs::read_dir(folder.join("_job")).unwrap().map(|entry| entry.unwrap().path()).collect();
    records.retain(|path| path.file_name().is_some_and(|name| name != "lock" && name != "job.json"));
    records.sort();
    records
}

fn output_of(record: &Path) -> PathBuf {
    record.parent().unwrap().with_file_name(record.file_stem().unwrap())
}

/// What a crash, or a hand, may have done to a part that was complete.
#[derive(Debug, Clone, Copy)]
enum Loss {
    Nothing,
    Record,
    Output,
    TornOutput,
    TornRecord,
    LeftOver,
}

fn lose(record: &Path, loss: Loss) {
    let output = output_of(record);
    let half = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    match loss {
        Loss::Nothing => {}
        Loss::Record => fs::remove_file(record).unwrap(),
        Loss::Output => fs::remove_file(&output).unwrap(),
        Loss::TornOutput => fs::write(&output, "torn\n").unwrap(),
        Loss::TornRecord => half(record),
        // As a kill between two writes leaves it: the temporary file, longer than what will be written, and no more.
        Loss::LeftOver => {
            fs::remove_file(record).unwrap();
            let mut partial = output.clone().into_os_string();
            partial.push(".partial");
            fs::rename(&output, &partial).unwrap();
            fs::write(&partial, "left over\n".repeat(2000)).unwrap();
        }
    }
}

fn losses() -> impl Strategy<Value = Vec<Loss>> {
    let one = prop_oneof![
        Just(Loss::Nothing),
        Just(Loss::Record),
        Just(Loss::Output),
        Just(Loss::TornOutput),
        Just(Loss::TornRecord),
        Just(Loss::LeftOver)
    ];
    prop::collection::vec(one, 1..12)
}

fn formats() -> impl Strategy<Value = OutputFormat> {
    prop::sample::select(["jsonl", "jsonl.gz", "csv.zst", "dolma", "parquet"].map(|name| name.parse().unwrap()).to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_lost_the_files_are_the_same(
        lines in 0usize..90,
        part_records in 1u64..40,
        part_bytes in prop_oneof![Just(u64::MAX), 1u64..600],
        format in formats(),
        duplicates in prop_oneof![Just(Duplicates::Score), Just(Duplicates::Copy)],
        losses in losses(),
        threads in (1usize..5, 1usize..5),
    ) {
        let inputs = Inputs::new(lines);
        let output = inputs.folder.path().join("scores");
        let job = |threads| {
            let job = inputs.job(&output).threads(NonZeroUsize::new(threads)).output_format(format).duplicates(duplicates);
            job.part_records(some(part_records)).part_bytes(some(part_bytes))
        };
        let report = run(job(threads.0)).unwrap();
        prop_assert_eq!(report.counts.summary.documents() as usize, lines + lines / 2 + 1);
        for input in &report.inputs {
            prop_assert_eq!(input.records, input.outputs.iter().map(|output| output.rows).sum::<u64>());
            prop_assert!(input.outputs.iter().all(|output| output.rows <= part_records));
        }
        let before = outputs(&output);
        for (record, &loss) in records(&output).iter().zip(losses.iter().cycle()) {
            lose(record, loss);
        }
        fs::remove_file(output.join("run.json")).unwrap();
        run(job(threads.1)).unwrap();
        prop_assert_eq!(outputs(&output), before);
    }

    #[test]
    fn stopping_anywhere_changes_nothing(stops in prop::collection::vec(0u32..60, 1..8), part_records in 1u64..30) {
        let inputs = Inputs::new(60);
        let (whole, stopped) = (inputs.folder.path().join("whole"), inputs.folder.path().join("stopped"));
        run(inputs.job(&whole).part_records(some(part_records))).unwrap();
        for stop in stops {
            let mut left = stop;
            let result = inputs.job(&stopped).part_records(some(part_records)).build().unwrap().run(&GATE, |_| {
                left = left.saturating_sub(1);
                if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            if let Err(error) = result {
                prop_assert!(error.is_stopped() && error.is_resumable(), "{}", error);
                prop_assert!(!stopped.join("run.json").exists());
                prop_assert!(outputs(&stopped).keys().all(|name| !name.ends_with(".partial")));
            }
        }
        run(inputs.job(&stopped).part_records(some(part_records))).unwrap();
        prop_assert_eq!(outputs(&stopped), outputs(&whole));
    }
}

#[test]
fn parts_together_are_what_one_part_is() {
    let inputs = Inputs::new(50);
    let lines = |name: &str, part_records| {
        let output = inputs.folder.path().join(name);
        let report = run(inputs.job(&output).part_records(some(part_records))).unwrap();
        let files = report.inputs.iter().flat_map(|input| input.outputs.iter().map(|written| written.file.clone()));
        let files: Vec<_> = files.collect();
        let rows: String = files.iter().map(|file| fs::read_to_string(output.join(file)).unwrap()).collect();
        (files.len(), rows)
    };
    let ((one, whole), (many, cut)) = (lines("one", 1000), lines("many", 7));
    assert_eq!((one, many), (3, 8 + 4 + 1));
    assert_eq!(whole, cut);
    assert_eq!(whole.lines().count(), 76);
}

#[test]
fn the_report_says_what_was_done() {
    let inputs = Inputs::new(20);
    let output = inputs.folder.path().join("scores");
    run(inputs.job(&output).part_records(some(8))).unwrap();
    let report: Value = serde_json::from_slice(&fs::read(output.join("run.json")).unwrap()).unwrap();
    let bytes = fs::read(&inputs.files[0]).unwrap();
    assert_eq!(report["inputs"][0]["size"], bytes.len());
    assert_eq!(report["inputs"][0]["name"], inputs.files[0].to_str().unwrap());
    assert_eq!(report["inputs"][0]["outputs"][2]["rows"], 4);
    assert_eq!(report["counts"]["summary"]["documents"], 31);
    assert_eq!(report["counts"]["summary"]["failed"], serde_json::json!({"invalid_json": 1, "empty_text": 6}));
    assert_eq!(report["configuration"]["model_hash"], GATE.model_hash());
    assert_eq!(report["configuration"]["mode"], "gate");
    for label in ["radicalization", "recruitment", "training", "planning", "fundraising"] {
        let bins = report["counts"]["histograms"][label].as_array().unwrap();
        assert_eq!(bins.iter().filter_map(Value::as_u64).sum::<u64>(), 31 - 7);
    }
    assert!(report["timing"]["documents_per_second"].as_f64().unwrap() > 0.0);
}

#[test]
fn what_differs_is_refused_and_named() {
    let inputs = Inputs::new(10);
    let output = inputs.folder.path().join("scores");
    run(inputs.job(&output)).unwrap();
    let before = outputs(&output);
    let strict = Classifier::builder().mode(Mode::Gate).profile(Profile::Strict).open(MODEL).unwrap();
    let refused = |result: Result<RunReport, JobError>, words: &[&str]| {
        let error = result.unwrap_err();
        let differences = error.differences().join("; ");
        assert!(!error.is_resumable() && words.iter().all(|word| differences.contains(word)), "{words:?}: {error}");
        assert!(error.to_string().contains("--fresh"), "{error}");
        assert_eq!(outputs(&output), before);
    };
    let build = |job: JobBuilder| job.build().unwrap();
    refused(build(inputs.job(&output)).run(&strict, |_| ControlFlow::Continue(())), &["profile", "balanced", "strict"]);
    refused(run(inputs.job(&output).part_records(some(3))), &["part_records", "10000", "3"]);
    refused(run(inputs.job(&output).output_format(OutputFormat::Parquet)), &["output_format", "jsonl", "parquet"]);
    refused(run(Job::builder(&output).input(Input::File(inputs.files[0].clone()))), &["b/posts.jsonl was an input"]);

    // As another model would have left it.
    let configuration = output.join("_job/job.json");
    let stored = fs::read_to_string(&configuration).unwrap();
    fs::write(&configuration, stored.replace(GATE.model_hash(), &"0".repeat(64))).unwrap();
    refused(run(inputs.job(&output)), &["model_hash", "0000", GATE.model_hash()]);
    fs::write(&configuration, stored).unwrap();

    let text = fs::read_to_string(&inputs.files[1]).unwrap();
    fs::write(&inputs.files[1], text.replace("bus", "cab")).unwrap();
    let error = run(inputs.job(&output)).unwrap_err();
    assert!(error.differences()[0].starts_with("the SHA-256 digest of"), "{error}");
    fs::write(&inputs.files[1], text.clone() + "{\"text\":\"one more\"}\n").unwrap();
    let error = run(inputs.job(&output)).unwrap_err();
    assert!(error.differences()[0].contains("bytes, now it has"), "{error}");

    let report = run(inputs.job(&output).fresh(true)).unwrap();
    assert_eq!(report.counts.summary.documents(), 10 + 6 + 1);
}

#[test]
fn inputs_may_be_added_and_fresh_takes_old_ones_away() {
    let inputs = Inputs::new(10);
    let (grown, whole) = (inputs.folder.path().join("grown"), inputs.folder.path().join("whole"));
    run(Job::builder(&grown).input(Input::File(inputs.files[1].clone()))).unwrap();
    run(inputs.job(&grown)).unwrap();
    run(inputs.job(&whole)).unwrap();
    assert_eq!(outputs(&grown), outputs(&whole));
    fs::write(grown.join("notes.txt"), "mine").unwrap();
    run(Job::builder(&grown).input(Input::File(inputs.files[1].clone())).fresh(true)).unwrap();
    let left: Vec<_> = outputs(&grown).into_keys().collect();
    assert!(left.len() == 3 && left.contains(&"notes.txt".to_owned()), "{left:?}");
}

#[test]
fn one_run_at_a_time() {
    let inputs = Inputs::new(10);
    let output = inputs.folder.path().join("scores");
    let mut tried = 0;
    let report = inputs.job(&output).build().unwrap().run(&GATE, |_| {
        if tried == 0 {
            let error = run(inputs.job(&output)).unwrap_err();
            assert!(error.is_locked() && error.path() == Some(&output), "{error}");
        }
        tried += 1;
        ControlFlow::Continue(())
    });
    assert!(tried > 0 && report.is_ok());
}

#[test]
fn too_many_errors_stop_it_where_it_can_go_on() {
    let inputs = Inputs::new(50);
    let output = inputs.folder.path().join("scores");
    let job = |limit| run(inputs.job(&output).part_records(some(10)).max_errors(limit));
    for _ in 0..2 {
        let error = job(Some(5)).unwrap_err();
        assert!(error.is_too_many_errors() && error.is_resumable() && error.to_string().contains('5'), "{error}");
        // Two in each part.
        assert_eq!(records(&output).len(), 2);
    }
    assert_eq!(job(Some(16)).unwrap().counts.summary.failed(), 16);
    assert!(job(Some(15)).unwrap_err().is_too_many_errors());
    assert!(job(None).is_ok());
}

#[test]
fn duplicates_are_copied_and_marked() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("posts.jsonl");
    let line = |n: usize| format!("{{\"id\":\"{n}\",\"lang\":\"l{n}\",\"text\":\"{}\"}}\n", TEXTS[n % TEXTS.len()]);
    fs::write(&input, (0..12).map(line).collect::<String>()).unwrap();
    let rows = |name: &str, duplicates| {
        let output = folder.path().join(name);
        let job = Job::builder(&output).input(Input::File(input.clone())).duplicates(duplicates).part_records(some(10));
        let report = run(job).unwrap();
        let files = report.inputs[0].outputs.iter().map(|written| fs::read_to_string(output.join(&written.file)).unwrap());
        let rows: String = files.collect();
        (report.counts.duplicates, rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect::<Vec<Value>>())
    };
    let (none, scored) = rows("scored", Duplicates::Score);
    let (copies, mut rows_copied) = rows("copied", Duplicates::Copy);
    // An empty text is no duplicate, and the second part knows nothing of the first.
    assert_eq!((none, copies), (0, 4));
    for (n, row) in rows_copied.iter_mut().enumerate() {
        let first = row.as_object_mut().unwrap().remove("duplicate_of");
        let expected = (5..10).contains(&n) && n != 7;
        assert_eq!(first, expected.then(|| Value::from((n - 5).to_string())), "{n}");
    }
    assert_eq!(rows_copied, scored);

    // Tables have a column for it, which our own reader can read as if it were the text.
    for format in ["csv", "parquet"] {
        let output = folder.path().join(format);
        let job = Job::builder(&output).input(Input::File(input.clone())).duplicates(Duplicates::Copy);
        let report = run(job.output_format(format.parse().unwrap())).unwrap();
        let table = Input::File(output.join(&report.inputs[0].outputs[0].file));
        let rows = Reader::default().text_field("duplicate_of").open(&table, |_| ()).unwrap();
        let firsts: Vec<_> = rows.map(|row| row.ok().map(|row| row.text).filter(|first| !first.is_empty())).collect();
        let one_part = (0..12).map(|n| ((5..12).contains(&n) && n != 7).then(|| (n % 5).to_string()));
        assert_eq!(firsts, one_part.collect::<Vec<_>>(), "{format}");
    }
}

#[test]
fn documents_of_ones_own_are_resumed_by_identity() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("scores");
    let documents = || (0..25).map(|n| Document::new(format!("row {n}"), TEXTS[n % 2]));
    let job = |identity: &str| Job::builder(&output).documents("table of posts", identity, documents()).part_records(some(10));
    let mut seen = 0;
    let stopped = job("version 1").build().unwrap().run(&GATE, |_| {
        seen += 1;
        if seen == 16 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(stopped.unwrap_err().is_stopped());
    let error = run(job("version 2")).unwrap_err();
    assert_eq!(error.differences(), ["the identity of table of posts was version 1, now it is version 2"]);
    let report = run(job("version 1")).unwrap();
    assert_eq!((report.counts.summary.documents(), report.timing.documents_in_last_run), (25, 15));
    let last = fs::read_to_string(output.join(&report.inputs[0].outputs[2].file)).unwrap();
    assert!(last.starts_with("{\"id\":\"row 20\"") && last.lines().count() == 5, "{last}");
}

#[test]
fn a_lost_input_ends_it_where_it_can_go_on() {
    let inputs = Inputs::new(30);
    let output = inputs.folder.path().join("scores");
    let hidden = inputs.folder.path().join("hidden");
    let mut job = Some(inputs.job(&output).part_records(some(10)).build().unwrap());
    let result = job.take().unwrap().run(&GATE, |progress| {
        if progress.scored_now == 15 && !hidden.exists() {
            fs::rename(&inputs.files[1], &hidden).unwrap();
        }
        ControlFlow::Continue(())
    });
    let error = result.unwrap_err();
    assert!(error.is_resumable() && error.path() == Some(&inputs.files[1]), "{error}");
    fs::rename(&hidden, &inputs.files[1]).unwrap();
    let report = run(inputs.job(&output).part_records(some(10))).unwrap();
    assert_eq!((report.counts.summary.documents(), report.timing.documents_in_last_run), (30 + 15 + 1, 15 + 1));
}

#[test]
fn an_input_that_changes_while_it_is_read_is_refused() {
    let inputs = Inputs::new(30);
    let output = inputs.folder.path().join("scores");
    let mut changed = false;
    let result = inputs.job(&output).part_records(some(10)).build().unwrap().run(&GATE, |progress| {
        if progress.scored_now == 15 && !changed {
            changed = true;
            let more = fs::read_to_string(&inputs.files[0]).unwrap() + "{\"text\":\"one more\"}\n";
            fs::write(&inputs.files[0], more).unwrap();
        }
        ControlFlow::Continue(())
    });
    let error = result.unwrap_err();
    assert!(changed && error.path() == Some(&inputs.files[0]) && error.to_string().contains("changed"), "{error}");
    assert_eq!(records(&output).len(), 1);
}

#[test]
fn jobs_that_cannot_be_are_told_before_anything_is_written() {
    let inputs = Inputs::new(3);
    let output = inputs.folder.path().join("scores");
    let file = |n: usize| Input::File(inputs.files[n].clone());
    let cases = [
        (Job::builder(&output), "no input"),
        (Job::builder(&output).input(file(0)).input(file(0)), "twice"),
        (Job::builder(&output).input(file(0)).input(Input::File("no/such.jsonl".into())), "no/such.jsonl"),
    ];
    for (job, word) in cases {
        let error = job.build().unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
    assert!(!output.exists());
    let around = inputs.folder.path().to_owned();
    for (output, input) in [(&output, &around), (&around, &inputs.files[0])] {
        let job = Job::builder(output).input(Input::File(input.clone())).build().unwrap();
        let error = job.run(&GATE, |_| ControlFlow::Continue(())).unwrap_err();
        assert!(error.to_string().contains("lie one in the other"), "{error}");
    }
}
