//! Files that appear whole or not at all.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write;
use std::path::Path;

use bellwether_batch::sink::PendingFile;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_has_its_name_once_it_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.csv");
    fs::write(&path, "old").unwrap();
    // What a killed run left behind.
    fs::write(folder.path().join("scores.csv.partial"), "half of a longer file").unwrap();
    let mut file = PendingFile::create(&path).unwrap();
    assert_eq!(file.path(), path);
    file.write_all(b"new").unwrap();
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(folder.path()).len()), ("old", 2));
    file.publish().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(names(folder.path()), ["scores.csv"]);
}

#[test]
fn a_file_that_is_dropped_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.csv");
    PendingFile::create(&path).unwrap().write_all(b"half").unwrap();
    assert!(names(folder.path()).is_empty());
}

#[test]
fn what_cannot_be_published_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("taken");
    fs::create_dir(&path).unwrap();
    assert!(PendingFile::create(&path).unwrap().publish().is_err());
    assert_eq!(names(folder.path()), ["taken"]);
    assert!(PendingFile::create("/").is_err());
    assert!(PendingFile::create(folder.path().join("none/scores.csv")).is_err());
}
