//! Folders as inputs.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bellwether_batch::source::{Input, Reader};
use bellwether_batch::{DocumentId, RecordErrorKind};

fn write(folder: &Path, name: &str, content: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn a_folder_is_walked_in_order() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "b.txt", "third\n");
    write(folder.path(), "a/z.jsonl", "{\"text\":\"second\"}\n");
    write(folder.path(), "a/deeper/y.csv", "text\nfirst\n");
    write(folder.path(), "a/picture.png", "no text\n");
    write(folder.path(), "README", "no text\n");
    let taken = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&taken);
    let input = Input::File(folder.path().to_owned());
    let mut documents = Reader::default()
        .open(&input, move |bytes| {
            counted.fetch_add(bytes, Ordering::Relaxed);
        })
        .unwrap();
    let found: Vec<_> = documents.by_ref().map(|document| document.unwrap()).collect();
    let texts: Vec<_> = found.iter().map(|document| document.text.as_str()).collect();
    assert_eq!(texts, ["first", "second", "third"]);
    assert_eq!(found[2].id, DocumentId::from(format!("{}:1", folder.path().join("b.txt").display())));
    assert_eq!(documents.skipped().files(), 2);
    assert_eq!(input.size(), Some(taken.load(Ordering::Relaxed)));
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "inside/a.txt", "once\n");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("inside/round.txt")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("inside/a.txt"), folder.path().join("inside/again.txt")).unwrap();
    let mut documents = Reader::default().open(&Input::File(folder.path().to_owned()), |_| ()).unwrap();
    assert_eq!(documents.by_ref().map(|document| document.unwrap().text).collect::<Vec<_>>(), ["once"]);
    assert_eq!(documents.skipped().files(), 2);
}

#[test]
fn a_file_that_is_gone_costs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.txt", "one\n");
    write(folder.path(), "b.txt", "gone\n");
    write(folder.path(), "c.txt", "three\n");
    let documents = Reader::default().open(&Input::File(folder.path().to_owned()), |_| ()).unwrap();
    fs::remove_file(folder.path().join("b.txt")).unwrap();
    let records: Vec<_> = documents.collect();
    let kinds: Vec<_> = records.iter().map(|record| record.as_ref().err().map(|error| error.kind)).collect();
    assert_eq!(kinds, [None, Some(RecordErrorKind::UnreadableInput), None]);
}
