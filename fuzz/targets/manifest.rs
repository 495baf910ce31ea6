//! The manifest of a model folder; the files it names are not there.

#![no_main]

use std::sync::LazyLock;

use bellwether::ModelFolder;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder can be made"));

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(FOLDER.path().join("manifest.toml"), bytes).expect("the folder can be written to");
    if let Err(error) = ModelFolder::verify(FOLDER.path()) {
        assert!(!error.to_string().is_empty());
    }
});
