//! Jobs as a person meets them: killed, stopped, refused, out of room, and run again.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Two inputs, and what a job over them is called with.
struct Workplace {
    folder: tempfile::TempDir,
}

impl Workplace {
    fn new(documents: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let words = ["bus", "library", "choir", "pool", "school", "market", "garden"];
        let line = |n: usize| {
            let (one, other) = (words[n % 7], words[n / 7 % 7]);
            format!("{{\"id\":{n},\"text\":\"The {one} is near the {other}, and number {n} stops there.\"}}\n")
        };
        fs::create_dir_all(folder.path().join("crawl/later")).unwrap();
        fs::write(folder.path().join("crawl/posts.jsonl"), (0..documents).map(line).collect::<String>()).unwrap();
        fs::write(folder.path().join("crawl/later/posts.jsonl"), (0..documents / 3).map(line).collect::<String>()).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A job over the folder by the gate, which is quick.
    fn job(&self, output: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
        command.current_dir(self.folder.path()).env_remove("BELLWETHER_LOG");
        command.env("BELLWETHER_MODEL", Path::new(ROOT).join("models/multilingual-small"));
        command.args(["score", "crawl", "-o", output, "--mode", "gate", "--part-records", "40"]).args(more);
        command
    }

    fn run(&self, output: &str, more: &[&str]) -> Output {
        self.job(output, more).stdin(Stdio::null()).output().unwrap()
    }

    /// The files of an output folder, with the report but for its times.
    fn outputs(&self, output: &str) -> BTreeMap<String, Vec<u8>> {
        let files = fs::read_dir(self.path(output)).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        let read = |path: PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let bytes = fs::read(&path).unwrap();
            (name, bytes)
        };
        let mut files: BTreeMap<_, _> = files.map(read).collect();
        if let Some(report) = files.get_mut("run.json") {
            let mut json: Value = serde_json::from_slice(report).unwrap();
            assert!(json.as_object_mut().unwrap().remove("timing").is_some());
            *report = json.to_string().into_bytes();
        }
        files
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn report(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("run.json")).unwrap()).unwrap()
}

#[test]
fn a_job_writes_parts_and_a_report_and_a_second_run_has_nothing_to_do() {
    let workplace = Workplace::new(100);
    let first = workplace.run("out/", &[]);
    assert_eq!((first.status.code(), first.stdout.len()), (Some(0), 0), "{}", errors(&first));
    assert!(errors(&first).contains("4 files and run.json"), "{}", errors(&first));
    let files = workplace.outputs("out");
    assert_eq!(files.len(), 5, "{:?}", files.keys());
    let parts: Vec<_> = files.keys().filter(|name| name.starts_with("posts-")).collect();
    assert!(parts.iter().all(|name| Path::new(name).extension() == Some("jsonl".as_ref())) && parts.len() == 4, "{parts:?}");
    let seen = report(&workplace.path("out"));
    assert_eq!(seen["counts"]["summary"]["documents"], 133);
    assert_eq!(seen["inputs"][0]["name"], "crawl/later/posts.jsonl");
    assert_eq!(seen["timing"]["documents_in_last_run"], 133);

    // Without a slash, as the folder is there.
    let second = workplace.run("out", &["-j", "1"]);
    assert_eq!(second.status.code(), Some(0), "{}", errors(&second));
    assert_eq!(workplace.outputs("out"), files);
    assert_eq!(report(&workplace.path("out"))["timing"]["documents_in_last_run"], 0);
}

#[test]
fn every_format_and_pattern_makes_a_job() {
    let workplace = Workplace::new(50);
    for format in ["jsonl.zst", "csv.gz", "parquet", "dolma"] {
        let output = workplace.run(&format!("{format}/"), &["--output-format", format, "crawl/late?"]);
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
        assert!(errors(&output).contains("twice"), "{}", errors(&output));
        let output = workplace.run(&format!("{format}/"), &["--output-format", format]);
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
        let extension = if format == "dolma" { "jsonl" } else { format };
        let files = workplace.outputs(format);
        assert_eq!(files.keys().filter(|name| name.ends_with(extension)).count(), 3, "{:?}", files.keys());
    }
    let none = workplace.run("none/", &["crawl/*.nothing"]);
    assert!(none.status.code() == Some(2) && errors(&none).contains("nothing matches"), "{}", errors(&none));
}

#[test]
fn another_configuration_is_refused_until_it_starts_anew() {
    let workplace = Workplace::new(20);
    assert_eq!(workplace.run("out/", &[]).status.code(), Some(0));
    let before = workplace.outputs("out");
    let refused = workplace.run("out/", &["--profile", "strict"]);
    assert_eq!(refused.status.code(), Some(2));
    for word in ["belongs to another job", "profile was \"balanced\"", "--fresh"] {
        assert!(errors(&refused).contains(word), "{}", errors(&refused));
    }
    assert_eq!(workplace.outputs("out"), before);
    assert_eq!(workplace.run("out/", &["--profile", "strict", "--fresh"]).status.code(), Some(0));
    assert_eq!(report(&workplace.path("out"))["configuration"]["profile"], "strict");
}

#[test]
fn what_jobs_alone_take_is_refused_elsewhere() {
    let workplace = Workplace::new(1);
    for option in [&["--part-records", "9"][..], &["--max-errors", "1"], &["--duplicates", "copy"], &["--fresh"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
        let output = command.current_dir(&workplace.folder).args(["score", "crawl"]).args(option).output().unwrap();
        assert!(output.status.code() == Some(2) && errors(&output).contains(option[0]), "{}", errors(&output));
    }
}

#[test]
fn too_many_errors_end_it_and_a_higher_limit_goes_on() {
    let workplace = Workplace::new(60);
    fs::write(workplace.path("crawl/damaged.jsonl"), "not json\n".repeat(5)).unwrap();
    let stopped = workplace.run("out/", &["--max-errors", "4"]);
    assert_eq!(stopped.status.code(), Some(2), "{}", errors(&stopped));
    assert!(errors(&stopped).contains("more than 4 documents failed"), "{}", errors(&stopped));
    assert!(!workplace.path("out/run.json").exists());
    let whole = workplace.run("out/", &["--max-errors", "5"]);
    assert_eq!(whole.status.code(), Some(1), "{}", errors(&whole));
    assert_eq!(report(&workplace.path("out"))["counts"]["summary"]["failed"]["invalid_json"], 5);
}

#[test]
fn standard_input_is_scored_but_not_resumed() {
    let workplace = Workplace::new(1);
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether"));
        command.current_dir(&workplace.folder).env("BELLWETHER_MODEL", Path::new(ROOT).join("models/multilingual-small"));
        command.args(["score", "-", "-o", "out/", "--mode", "gate", "--part-records", "2"]).args(more);
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It may be refused before it has read anything.
        let _ = child.stdin.take().unwrap().write_all("{\"text\":\"The bus was late.\"}\n".repeat(5).as_bytes());
        child.wait_with_output().unwrap()
    };
    let first = run(&[]);
    assert_eq!(first.status.code(), Some(0), "{}", errors(&first));
    assert_eq!(workplace.outputs("out").len(), 4);
    let again = run(&[]);
    assert_eq!(again.status.code(), Some(2));
    assert!(errors(&again).contains("cannot be read again") && errors(&again).contains("--fresh"), "{}", errors(&again));
    assert_eq!(run(&["--fresh"]).status.code(), Some(0));
}

#[test]
fn logs_go_to_standard_error_as_asked() {
    let workplace = Workplace::new(3);
    let output = workplace.run("out/", &["--log", "bellwether_batch=info"]);
    assert!(errors(&output).contains("job is complete"), "{}", errors(&output));
    assert!(!errors(&workplace.run("out/", &[])).contains("job is complete"));
    let wrong = workplace.run("out/", &["--log", "=loud="]);
    assert!(wrong.status.code() == Some(2) && errors(&wrong).contains("=loud="), "{}", errors(&wrong));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Child;
    use std::thread::sleep;
    use std::time::{Duration, SystemTime};

    use super::*;

    const SIGKILL: i32 = 9;

    /// The kills that must hit a running job.
    const KILLS: u32 = 20;

    /// Small numbers that look random, from a seed.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % limit
        }
    }

    fn start(workplace: &Workplace, output: &str, more: &[&str]) -> Child {
        workplace.job(output, more).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn signal(child: &Child, name: &str) {
        assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
    }

    /// How many parts are complete.
    fn parts_in(folder: &Path) -> usize {
        let files = fs::read_dir(folder.join("_job")).map_or(0, Iterator::count);
        // The lock and the configuration are no parts.
        files.saturating_sub(2)
    }

    /// Waits until a job has completed so many parts, and says whether it is still running.
    fn runs_behind_part(child: &mut Child, folder: &Path, parts: usize) -> bool {
        loop {
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            if parts_in(folder) >= parts {
                return true;
            }
            sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn killed_at_any_moment_it_ends_with_the_same_files() {
        let seed = std::env::var("BELLWETHER_KILL_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
            .unwrap_or_else(|| u64::from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos()));
        println!("BELLWETHER_KILL_SEED={seed}");
        let mut dice = Dice(seed);
        let workplace = Workplace::new(3000);
        let whole = workplace.run("whole/", &[]);
        assert_eq!(whole.status.code(), Some(0), "{}", errors(&whole));
        let expected = workplace.outputs("whole");
        assert_eq!(expected.len(), 75 + 25 + 1);

        let (mut kills, mut complete, mut in_parts) = (0, 0, 0);
        while kills < KILLS {
            let folder = format!("out-{complete}");
            let mut child = start(&workplace, &format!("{folder}/"), &["--quiet"]);
            // A quarter of the kills hit it while it opens its model or looks at what is there, the others among the parts.
            let wait = Duration::from_millis(dice.below(60));
            if dice.below(4) > 0 {
                let parts = parts_in(&workplace.path(&folder)) + dice.below(12) as usize;
                runs_behind_part(&mut child, &workplace.path(&folder), parts);
            }
            sleep(wait);
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            if output.status.signal() == Some(SIGKILL) {
                kills += 1;
                in_parts += u32::from(workplace.path(&folder).join("_job/job.json").exists());
            } else {
                assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
                assert!(workplace.outputs(&folder) == expected, "seed {seed}: {folder} differs");
                complete += 1;
            }
        }
        let folder = format!("out-{complete}");
        let last = workplace.run(&format!("{folder}/"), &[]);
        assert_eq!(last.status.code(), Some(0), "{}", errors(&last));
        let found = workplace.outputs(&folder);
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        assert!(found == expected, "seed {seed}: {folder} differs");
        println!("{kills} kills, {in_parts} of them in a folder that had begun; {} folders are as they should be", complete + 1);
    }

    #[test]
    fn ctrl_c_and_sigterm_stop_it_where_it_can_go_on() {
        let workplace = Workplace::new(3000);
        assert_eq!(workplace.run("whole/", &[]).status.code(), Some(0));
        for (name, folder) in [("-INT", "int"), ("-TERM", "term")] {
            let mut child = start(&workplace, &format!("{folder}/"), &["-j", "1"]);
            assert!(runs_behind_part(&mut child, &workplace.path(folder), 2), "it was over before it could be stopped");
            signal(&child, name);
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(130), "{}", errors(&output));
            assert!(errors(&output).contains("again to go on"), "{}", errors(&output));
            let stopped = workplace.outputs(folder);
            assert!(!stopped.contains_key("run.json") && stopped.len() < 100, "{}", stopped.len());
            assert!(stopped.keys().all(|file| !file.ends_with(".partial")), "{:?}", stopped.keys());
            assert_eq!(workplace.run(folder, &[]).status.code(), Some(0));
            assert!(workplace.outputs(folder) == workplace.outputs("whole"));
        }
    }

    #[test]
    fn a_second_run_in_the_same_folder_is_refused() {
        let workplace = Workplace::new(3000);
        let mut child = start(&workplace, "out/", &["-j", "1"]);
        assert!(runs_behind_part(&mut child, &workplace.path("out"), 1));
        // It holds the folder however long the second one takes.
        signal(&child, "-STOP");
        let second = workplace.run("out/", &[]);
        child.kill().unwrap();
        let _ = child.wait();
        assert_eq!(second.status.code(), Some(2), "{}", errors(&second));
        assert!(errors(&second).contains("another run is writing to"), "{}", errors(&second));
        assert_eq!(workplace.run("out/", &[]).status.code(), Some(0));
    }

    /// A limit of file sizes fails writes where a full disk does; it needs no privileges.
    #[test]
    fn out_of_room_it_says_so_and_can_go_on() {
        let workplace = Workplace::new(300);
        assert_eq!(workplace.run("whole/", &[]).status.code(), Some(0));
        // A part has about 15 KiB; `ulimit -f` counts blocks of 512 or 1,024 bytes.
        let job = workplace.job("out/", &[]);
        let mut limited = Command::new("sh");
        limited.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"]).arg(job.get_program()).args(job.get_args());
        limited.current_dir(&workplace.folder).env("BELLWETHER_MODEL", Path::new(ROOT).join("models/multilingual-small"));
        let output = limited.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", errors(&output));
        for word in ["cannot write out/posts-", "what is complete is kept", "run the same job again"] {
            assert!(errors(&output).contains(word), "{}", errors(&output));
        }
        assert!(workplace.outputs("out").keys().all(|file| !file.ends_with(".partial")));
        assert_eq!(workplace.run("out/", &[]).status.code(), Some(0));
        assert!(workplace.outputs("out") == workplace.outputs("whole"));
    }

    #[test]
    fn a_file_that_may_not_be_read_costs_no_other_and_is_tried_again() {
        let workplace = Workplace::new(20);
        let secret = workplace.path("crawl/secret.jsonl");
        fs::write(&secret, "{\"text\":\"The bus was late.\"}\n{\"text\":\"The choir sang.\"}\n").unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o0)).unwrap();
        if fs::File::open(&secret).is_ok() {
            eprintln!("NOT TESTED: whoever runs this test may read every file (root?), so no file is unreadable");
            return;
        }
        let first = workplace.run("out/", &[]);
        assert_eq!(first.status.code(), Some(1), "{}", errors(&first));
        let seen = report(&workplace.path("out"));
        assert_eq!(seen["counts"]["summary"]["failed"]["unreadable_input"], 1);
        assert_eq!(seen["inputs"][2]["sha256"], Value::Null);
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        let second = workplace.run("out/", &[]);
        assert_eq!(second.status.code(), Some(0), "{}", errors(&second));
        assert_eq!(report(&workplace.path("out"))["counts"]["summary"]["documents"], 20 + 6 + 2);
    }
}
