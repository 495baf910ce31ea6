//! The runtimes and modes that the tests of a table run over.

use std::path::PathBuf;

use bellwether::{Classifier, Mode, Runtime};

/// The shipped model.
pub(crate) fn shipped_model() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small"))
}

/// A classifier of every mode for every runtime that this machine has. Without ONNX Runtime its part is left out
/// with a message, unless `BELLWETHER_REQUIRE_ORT=1` makes that a failure.
pub(crate) fn classifiers() -> Vec<Classifier> {
    Runtime::ALL.into_iter().flat_map(|runtime| Mode::ALL.into_iter().filter_map(move |mode| open(runtime, mode))).collect()
}

fn open(runtime: Runtime, mode: Mode) -> Option<Classifier> {
    match Classifier::builder().runtime(runtime).mode(mode).open(shipped_model()) {
        Ok(classifier) => Some(classifier),
        Err(error) if error.is_runtime_unavailable() && std::env::var_os("BELLWETHER_REQUIRE_ORT").is_none() => {
            eprintln!("left out: {error}");
            None
        }
        Err(error) => panic!("{runtime}: {error}"),
    }
}
