//! The runtimes that the tests of a table run over.

use std::path::PathBuf;

use bellwether::{Classifier, Runtime};

/// The shipped model.
pub(crate) fn shipped_model() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small"))
}

/// A classifier for every runtime that this machine has. Without ONNX Runtime its part is left out
/// with a message, unless `BELLWETHER_REQUIRE_ORT=1` makes that a failure.
pub(crate) fn classifiers() -> Vec<Classifier> {
    let open = |runtime: Runtime| match Classifier::builder().runtime(runtime).open(shipped_model()) {
        Ok(classifier) => Some(classifier),
        Err(error) if error.is_runtime_unavailable() && std::env::var_os("BELLWETHER_REQUIRE_ORT").is_none() => {
            eprintln!("left out: {error}");
            None
        }
        Err(error) => panic!("{runtime}: {error}"),
    };
    Runtime::ALL.into_iter().filter_map(open).collect()
}
