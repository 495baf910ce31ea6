//! The tokenizer on any text, with the vocabulary of the shipped model.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use bellwether::{TextView, Tokenizer};
use libfuzzer_sys::fuzz_target;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/multilingual-small/tokenizer.json");

static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| {
    let bytes = std::fs::read(PATH).expect("the model folder has a tokenizer");
    Tokenizer::from_json(&bytes, Path::new(PATH)).expect("the shipped tokenizer is sound")
});

fuzz_target!(|bytes: &[u8]| {
    let view = TextView::new(&String::from_utf8_lossy(bytes));
    let ids = TOKENIZER.encode(&view);
    assert!(ids.iter().all(|&id| (id as usize) < TOKENIZER.vocabulary_size()));
});
