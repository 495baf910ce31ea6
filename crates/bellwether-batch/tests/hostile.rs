//! Inputs made to do harm, each with sound records around it: nothing falls over, no sound record is lost, each bad one is
//! counted under its kind, and memory stays bounded.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

mod compressed;
mod hostile_input;
mod parquet_file;

use std::fs;
use std::io::{Cursor, Read};
use std::process::Command;

use bellwether_batch::RecordErrorKind::{self, *};
use bellwether_batch::source::{Format, Input, Reader};
use compressed::{gzip, zstandard};
use hostile_input::{chain, conversion, gzip_of, line, repeated, response, zstandard_bomb};
use parquet::file::properties::WriterVersion::PARQUET_1_0;
use parquet_file::{WAYS, Way, write};

/// The most memory that reading any of these may take, with all that the test itself holds.
const MAX_PEAK_BYTES: u64 = 256 << 20;

/// Set in a child process to the name of the input that it is to read.
const CHILD: &str = "BELLWETHER_HOSTILE_INPUT";

/// An input, and what it is to give.
struct Case {
    name: &'static str,
    format: Format,
    bytes: Box<dyn Fn() -> Box<dyn Read + Send>>,
    /// The texts of the sound records.
    texts: &'static [&'static str],
    kinds: &'static [RecordErrorKind],
}

fn case<R: Read + Send + 'static>(
    name: &'static str,
    format: Format,
    bytes: impl Fn() -> R + 'static,
    texts: &'static [&'static str],
    kinds: &'static [RecordErrorKind],
) -> Case {
    Case { name, format, bytes: Box::new(move || Box::new(bytes())), texts, kinds }
}

/// A case of bytes that are small enough to hold.
fn held(
    name: &'static str,
    format: Format,
    bytes: impl Fn() -> Vec<u8> + 'static,
    texts: &'static [&'static str],
    kinds: &'static [RecordErrorKind],
) -> Case {
    case(name, format, move || Cursor::new(bytes()), texts, kinds)
}

const AROUND: &[&str] = &["before", "after"];

#[allow(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    use Format::{CommaSeparated, JsonLines, PlainText, TabSeparated, WebArchive};
    let mut cases = vec![
        // A line of a gigabyte, in each format of lines.
        case(
            "long JSON line",
            JsonLines,
            || chain(line("before"), repeated(b'a', 1 << 30), line("after")),
            AROUND,
            &[LimitExceeded],
        ),
        case(
            "long line",
            PlainText,
            || chain(b"before\n".to_vec(), repeated(b'a', 1 << 30), b"\nafter\n".to_vec()),
            AROUND,
            &[LimitExceeded],
        ),
        // Deflate reaches 1,032 times: no ratio to refuse, and nothing to hold.
        held(
            "gzip bomb of lines",
            JsonLines,
            || [gzip(line("before")), gzip_of(repeated(b'a', 1 << 30)), gzip(b"\n"), gzip(line("after"))].concat(),
            AROUND,
            &[LimitExceeded],
        ),
        held(
            "gzip bomb of line ends",
            PlainText,
            || [gzip(b"before\n"), gzip_of(repeated(b'\n', 20 << 20)), gzip(b"after\n")].concat(),
            AROUND,
            &[],
        ),
        held(
            "gzip bomb in a page",
            WebArchive,
            || page_around(&compressed_page(&gzip_of(repeated(b' ', 300 << 20)), "gzip")),
            AROUND,
            &[LimitExceeded],
        ),
        held(
            "Zstandard bomb",
            JsonLines,
            || [zstandard(line("before")), zstandard_bomb(4 << 30), zstandard(line("after"))].concat(),
            &["before"],
            &[LimitExceeded],
        ),
        held(
            "Zstandard bomb in a table",
            CommaSeparated,
            || [zstandard(b"text\nbefore\n"), zstandard_bomb(4 << 30)].concat(),
            &["before"],
            &[LimitExceeded],
        ),
        held(
            "Zstandard bomb in an archive",
            WebArchive,
            || [zstandard(conversion("before")), zstandard_bomb(4 << 30)].concat(),
            &["before"],
            &[MalformedRecord, LimitExceeded],
        ),
        held(
            "Zstandard bomb in a page",
            WebArchive,
            || page_around(&compressed_page(&zstandard_bomb(4 << 30), "zstd")),
            AROUND,
            &[LimitExceeded],
        ),
        // Streams that break off.
        held(
            "truncated gzip",
            JsonLines,
            || cut([line("before"), line("read")].map(gzip).concat()),
            &["before", "read"],
            &[UnreadableInput],
        ),
        held(
            "truncated Zstandard",
            JsonLines,
            || cut([zstandard(line("before")), zstandard(line("cut off"))].concat()),
            &["before"],
            &[UnreadableInput],
        ),
        held(
            "truncated member",
            WebArchive,
            || [gzip(conversion("before")), cut(gzip(conversion("cut"))), gzip(conversion("after"))].concat(),
            AROUND,
            &[UnreadableInput],
        ),
        // Bytes that are no text.
        held(
            "bad UTF-8 in JSON",
            JsonLines,
            || [line("before"), b"{\"text\":\"\xff\xfe\"}\n".to_vec(), line("after")].concat(),
            AROUND,
            &[InvalidUtf8],
        ),
        held("bad UTF-8", PlainText, || b"before\n\xc3\x28\nafter\n".to_vec(), AROUND, &[InvalidUtf8]),
        held("bad UTF-8 in a table", TabSeparated, || b"text\nbefore\n\xf0\x90\x28\nafter\n".to_vec(), AROUND, &[InvalidUtf8]),
        held(
            "charset that lies",
            WebArchive,
            || page_around(&response("text/html; charset=utf-16le", "", b"<p>late</p>")),
            &["before", "late", "after"],
            &[],
        ),
        held(
            "charset that is none",
            WebArchive,
            || page_around(&response("text/plain; charset=\"none\"", "", "Zwölf".as_bytes())),
            &["before", "Zwölf", "after"],
            &[],
        ),
        // Things inside things.
        held(
            "deep HTML",
            WebArchive,
            || page_around(&response("text/html", "", "<div>".repeat(100_000).as_bytes())),
            AROUND,
            &[LimitExceeded],
        ),
        held(
            "wide HTML",
            WebArchive,
            || page_around(&response("text/html", "", format!("<p{}>", " a".repeat(9 << 20)).as_bytes())),
            AROUND,
            &[LimitExceeded],
        ),
        held(
            "many elements",
            WebArchive,
            || page_around(&response("text/html", "", "<p>a".repeat(15 << 20).as_bytes())),
            AROUND,
            &[LimitExceeded],
        ),
        held("deep JSON", JsonLines, || deep_json("text"), AROUND, &[InvalidJson]),
        held("deep JSON in another field", JsonLines, || deep_json("other"), AROUND, &[MissingText]),
        held(
            "wide JSON",
            JsonLines,
            || [line("before"), format!("{{\"id\":[{}0]}}\n", "0,".repeat(2 << 20)).into(), line("after")].concat(),
            AROUND,
            &[MissingText],
        ),
        held(
            "open quote",
            CommaSeparated,
            || [b"text\nbefore\n\"open\nafter\n".to_vec(), vec![b'\n'; 40 << 20]].concat(),
            AROUND,
            &[LimitExceeded],
        ),
        held(
            "many columns",
            CommaSeparated,
            || [b"text\nbefore\n".to_vec(), vec![b','; 9 << 20], b"\nafter\n".to_vec()].concat(),
            AROUND,
            &[LimitExceeded],
        ),
    ];
    for (name, length, kind) in [
        ("length too small", "2", &[MalformedRecord]),
        ("length too large", "90", &[MalformedRecord]),
        ("negative length", "-1", &[MalformedRecord]),
        ("huge length", "18446744073709551615", &[LimitExceeded]),
        ("length beyond all", "99999999999999999999999", &[MalformedRecord]),
    ] {
        let bad = move || {
            String::from_utf8(conversion("broken")).unwrap().replace("Content-Length: 6", &format!("Content-Length: {length}"))
        };
        cases.push(held(name, WebArchive, move || page_around(bad().as_bytes()), AROUND, kind));
        cases.push(held(
            name,
            WebArchive,
            move || [conversion("before"), bad().into(), conversion("after")].map(gzip).concat(),
            AROUND,
            kind,
        ));
    }
    for way in WAYS {
        let damaged = move || {
            let mut bytes = write(&[&[Some(b"before")], &[Some(b"broken")], &[Some(b"after")]], way, PARQUET_1_0);
            let at = bytes.windows(6).position(|window| window == b"broken").unwrap();
            bytes[at - 16..at].fill(0xff);
            bytes
        };
        cases.push(held("damaged row group", Format::Parquet, damaged, AROUND, &[UnreadableInput]));
    }
    let other_type = || parquet_file::empty("message m { optional int32 text; }");
    cases.push(held("wrong type", Format::Parquet, other_type, &[], &[MalformedRecord]));
    for format in Format::ALL {
        let kinds: &[_] = if format == Format::Parquet { &[UnreadableInput] } else { &[] };
        cases.push(held("nothing", format, Vec::new, &[], kinds));
        cases.push(held("an empty member", format, || gzip(Vec::new()), &[], kinds));
    }
    cases
}

fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 6);
    bytes
}

fn page_around(bad: &[u8]) -> Vec<u8> {
    [&conversion("before"), bad, &conversion("after")].concat()
}

fn compressed_page(body: &[u8], encoding: &str) -> Vec<u8> {
    response("text/html", &format!("Content-Encoding: {encoding}\r\n"), body)
}

fn deep_json(field: &str) -> Vec<u8> {
    let deep = format!("{{\"{field}\":{}{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    [line("before"), deep.into(), line("after")].concat()
}

/// Reads a case and compares what it gives.
fn check(case: &Case) {
    let (mut texts, mut kinds) = (Vec::new(), Vec::new());
    let mut bytes = (case.bytes)();
    let documents = if case.format == Format::Parquet {
        let mut file = Vec::new();
        bytes.read_to_end(&mut file).unwrap();
        Reader::default().read_seekable(case.format, "input", Cursor::new(file))
    } else {
        Reader::default().read(case.format, "input", bytes)
    };
    for record in documents {
        match record {
            Ok(document) => texts.push(document.text),
            Err(error) => kinds.push(error.kind),
        }
    }
    assert_eq!(texts, case.texts, "{} as {}: {kinds:?}", case.name, case.format);
    assert_eq!(kinds, case.kinds, "{} as {}", case.name, case.format);
}

/// The most memory that this process has had, where the system tells.
fn peak_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? << 10)
}

/// Reads the input that a parent process has asked for, and nothing if none has.
#[test]
fn child() {
    let Ok(number) = std::env::var(CHILD) else { return };
    let cases = cases();
    let case = &cases[number.parse::<usize>().unwrap()];
    check(case);
    if let Some(peak) = peak_bytes() {
        println!("peak {} MB", peak >> 20);
        assert!(peak <= MAX_PEAK_BYTES, "{} as {}: {} MB", case.name, case.format, peak >> 20);
    }
}

#[test]
fn hostile_inputs_cost_no_sound_record_and_little_memory() {
    let program = std::env::current_exe().unwrap();
    let mut failed = Vec::new();
    for (number, case) in cases().iter().enumerate() {
        let child =
            Command::new(&program).args(["--exact", "child", "--nocapture"]).env(CHILD, number.to_string()).output().unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        println!("{} as {}: {}", case.name, case.format, said.lines().find(|line| line.starts_with("peak")).unwrap_or_default());
        if !child.status.success() {
            failed.push(format!(
                "{} as {}: {}\n{said}{}",
                case.name,
                case.format,
                child.status,
                String::from_utf8_lossy(&child.stderr)
            ));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[cfg(unix)]
#[test]
fn hostile_folders_cost_no_sound_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.txt"), "before\n").unwrap();
    std::os::unix::fs::symlink(folder.path(), path("b")).unwrap();
    std::os::unix::fs::symlink("c.txt", path("c.txt")).unwrap();
    fs::create_dir(path("d.jsonl")).unwrap();
    fs::write(path("e.txt"), "gone\n").unwrap();
    fs::write(path("f.parquet"), write(&[&[Some(b"table")]], Way::Plain, PARQUET_1_0)).unwrap();
    fs::write(path("g.parquet"), parquet_file::empty("message m { optional int32 text; }")).unwrap();
    fs::write(path("h.txt"), "after\n").unwrap();
    let mut documents = Reader::default().open(&Input::File(folder.path().to_owned()), |_| ()).unwrap();
    fs::remove_file(path("e.txt")).unwrap();
    // What was a file when the folder was listed is a folder now.
    fs::create_dir(path("e.txt")).unwrap();
    let (mut texts, mut kinds) = (Vec::new(), Vec::new());
    for record in documents.by_ref() {
        match record {
            Ok(document) => texts.push(document.text),
            Err(error) => kinds.push(error.kind),
        }
    }
    assert_eq!(texts, ["before", "table", "after"]);
    assert_eq!(kinds, [UnreadableInput, MalformedRecord]);
    assert_eq!(documents.skipped().files(), 2);
}
