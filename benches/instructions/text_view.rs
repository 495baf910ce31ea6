//! The normalised text that the model reads, of texts that need nothing done and of texts that need much.

use std::hint::black_box;

use bellwether::TextView;
use bellwether_benches::generated_text::{Script, TextGenerator};
use gungraun::library_benchmark;

use crate::baseline::held_to_baseline;

const BYTES: usize = 1 << 16;

fn english() -> String {
    TextGenerator::new(1).text(Script::Latin, BYTES)
}

fn mixed_scripts() -> String {
    TextGenerator::new(1).mixed_text(BYTES)
}

/// Every word hides a soft hyphen behind each letter, and every third is spelt with a space between its letters.
fn disguised() -> String {
    let hyphens = |word: &str| word.chars().flat_map(|letter| [letter, '\u{AD}']).collect::<String>();
    let disguise = |(at, word)| if at % 3 == 0 { hyphens(word).replace('\u{AD}', " ") } else { hyphens(word) };
    english().split(' ').enumerate().map(disguise).collect::<Vec<_>>().join(" ")
}

#[library_benchmark]
#[bench::english(args = (english()), config = held_to_baseline("normalise.english"))]
#[bench::mixed_scripts(args = (mixed_scripts()), config = held_to_baseline("normalise.mixed_scripts"))]
#[bench::disguised(args = (disguised()), config = held_to_baseline("normalise.disguised"))]
fn normalise(text: String) -> usize {
    black_box(TextView::new(black_box(&text))).as_str().len()
}
