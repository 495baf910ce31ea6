//! A `tokenizer.json`, and text through whatever can be used of it.

#![no_main]

use std::path::Path;

use bellwether::{TextView, Tokenizer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Tokenizer::from_json(bytes, Path::new("tokenizer.json")) {
        Ok(tokenizer) => {
            for text in ["", "two words", "\u{2581}a\u{2581} <s></s><unk>", "\u{4E2D}\u{6587} \u{1F600}"] {
                let ids = tokenizer.encode(&TextView::new(text));
                assert!(ids.iter().all(|&id| (id as usize) < tokenizer.vocabulary_size()));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
