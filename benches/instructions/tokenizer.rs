//! Words to token ids: words that the thread has met before, and words that it has not.

use std::hint::black_box;

use bellwether::{TextView, Tokenizer};
use bellwether_benches::checkout;
use bellwether_benches::generated_text::{Script, TextGenerator};
use gungraun::library_benchmark;

use crate::baseline::held_to_baseline;

const BYTES: usize = 1 << 16;

fn new_words() -> (Tokenizer, TextView) {
    let mut generator = TextGenerator::new(2);
    let words = (0..BYTES / 32).map(|at| generator.new_word(Script::ALL[at % Script::ALL.len()]));
    let view = TextView::new(&words.collect::<Vec<_>>().join(" "));
    let tokenizer = checkout::tokenizer();
    // The thread gets its places for words.
    let _ = tokenizer.encode(&TextView::new("a"));
    (tokenizer, view)
}

fn known_words() -> (Tokenizer, TextView) {
    let view = TextView::new(&TextGenerator::new(2).mixed_text(BYTES));
    let tokenizer = checkout::tokenizer();
    let _ = tokenizer.encode(&view);
    (tokenizer, view)
}

#[library_benchmark]
#[bench::new_words(args = (new_words()), config = held_to_baseline("tokenize.new_words"))]
#[bench::known_words(args = (known_words()), config = held_to_baseline("tokenize.known_words"))]
fn tokenize((tokenizer, view): (Tokenizer, TextView)) -> (Tokenizer, Vec<u32>) {
    let ids = tokenizer.encode(black_box(&view));
    (tokenizer, ids)
}
