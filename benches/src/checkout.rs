//! The model and the fixtures of this checkout.

use std::fs;
use std::path::{Path, PathBuf};

use bellwether::{Classifier, Mode, Tokenizer, WindowPlan};
use bellwether_batch::Document;
use bellwether_batch::source::{Input, Reader};

/// The shipped model folder.
#[must_use]
pub fn model_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/multilingual-small")
}

/// The shipped model in a mode.
///
/// # Panics
/// If the model folder is not as it should be.
#[must_use]
pub fn classifier(mode: Mode) -> Classifier {
    Classifier::builder().mode(mode).open(model_folder()).expect("the shipped model is sound")
}

/// The tokenizer of the shipped model.
///
/// # Panics
/// If the model folder is not as it should be.
#[must_use]
pub fn tokenizer() -> Tokenizer {
    let path = model_folder().join("tokenizer.json");
    let json = fs::read(&path).expect("the shipped model has a tokenizer");
    Tokenizer::from_json(&json, &path).expect("the shipped tokenizer is sound")
}

/// The windows that the manifest of the shipped model plans.
///
/// # Panics
/// If the model folder is not as it should be.
#[must_use]
pub fn window_plan() -> WindowPlan {
    let manifest = fs::read_to_string(model_folder().join("manifest.toml")).expect("the shipped model has a manifest");
    let mut manifest: toml::Table = manifest.parse().expect("the manifest is TOML");
    let windows = manifest.remove("windows").expect("the manifest plans windows");
    windows.try_into().expect("the plan is a possible one")
}

/// The documents of `fixtures/documents.jsonl`: as many with a label as benign twins.
///
/// # Panics
/// If the file is not as it should be.
#[must_use]
pub fn fixture_documents() -> Vec<Document> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents.jsonl");
    let documents = Reader::default().open(&Input::from(path.as_path()), |_| ()).expect("the fixtures are there");
    documents.collect::<Result<_, _>>().expect("each fixture is a document")
}
