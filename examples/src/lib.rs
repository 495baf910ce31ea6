//! Where the examples find the model of this checkout.

use std::path::{Path, PathBuf};

/// The shipped model folder.
#[must_use]
pub fn shipped_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/multilingual-small")
}

/// A few documents of this checkout, as JSON lines.
#[must_use]
pub fn sample_documents() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents.jsonl")
}
