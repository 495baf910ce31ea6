//! Memory of one process that does one thing; `memory.sh` runs it once for each row of its table.
//!
//!     cargo run --release -p bellwether-benches --example peak_memory -- load gate
//!     cargo run --release -p bellwether-benches --example peak_memory -- score encoder 2
//!     cargo run --release -p bellwether-benches --example peak_memory -- plateau gate 200000
//!
//! `load` and `score` print the peak, in MiB. `plateau` classifies strings of random lengths and of words that are mostly new,
//! prints what is in use after every tenth of them, and fails if that still grows behind the first tenth: what is remembered of
//! texts must be bounded.

#![allow(clippy::print_stdout, reason = "the figures are the result")]

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use bellwether::Mode;
use bellwether_batch::{Document, OrderedPool, ScoredDocument};
use bellwether_benches::checkout;
use bellwether_benches::generated_text::{Script, TextGenerator};
use bellwether_benches::random::Random;
use bellwether_benches::resident_memory::ResidentMemory;

/// Documents of a `score` run: enough for every thread to have met long ones.
const DOCUMENTS: usize = 200;

/// Strings of a `plateau` run have fewer bytes than this, but for the last word.
const MAX_STRING_BYTES: usize = 2000;

/// What a process may grow by behind the first tenth: an allocator keeps some pages one time and not another.
const MAX_GROWTH_KIB: u64 = 8 * 1024;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["load", mode] => {
            let classifier = checkout::classifier(mode.parse()?);
            print_peak()?;
            drop(classifier);
            Ok(())
        }
        ["score", mode, threads] => {
            score(mode.parse()?, threads.parse()?)?;
            print_peak()
        }
        ["plateau", mode, strings] => plateau(mode.parse()?, strings.parse()?),
        _ => Err("usage: peak_memory load MODE | score MODE THREADS | plateau MODE STRINGS".into()),
    }
}

fn print_peak() -> Result<(), Failure> {
    println!("{}", ResidentMemory::measure()?.peak_kib.div_ceil(1024));
    Ok(())
}

fn score(mode: Mode, threads: NonZeroUsize) -> Result<(), Failure> {
    let classifier = checkout::classifier(mode);
    let texts = TextGenerator::new(10).documents(DOCUMENTS);
    let failed = OrderedPool::new(Some(threads))?.map(
        texts.into_iter().map(|text| Document::new("generated", text)),
        |document| document.text.len(),
        |document| ScoredDocument::score(&classifier, Ok(document)),
        |scored| scored.outcome().map_or_else(|error| ControlFlow::Break(error.clone()), |_| ControlFlow::Continue(())),
    );
    failed.map_or(Ok(()), |error| Err(error.into()))
}

fn plateau(mode: Mode, strings: usize) -> Result<(), Failure> {
    let classifier = checkout::classifier(mode);
    let (mut generator, mut random) = (TextGenerator::new(11), Random::new(12));
    let tenth = strings.div_ceil(10).max(1);
    let mut first = None;
    println!("{:>9} {:>9}", "strings", "MiB");
    for done in 1..=strings {
        let text = random_string(&mut generator, &mut random);
        classifier.classify(&text)?;
        if done % tenth == 0 {
            let now = ResidentMemory::measure()?.now_kib;
            println!("{done:>9} {:>9.1}", now as f64 / 1024.0);
            let first = *first.get_or_insert(now);
            if now > first + MAX_GROWTH_KIB {
                return Err(format!("{} KiB more than after {tenth} strings", now - first).into());
            }
        }
    }
    Ok(())
}

/// Three new words for each word of the vocabulary, of any script.
fn random_string(generator: &mut TextGenerator, random: &mut Random) -> String {
    let bytes = 1 + random.below(MAX_STRING_BYTES);
    let mut text = String::new();
    while text.len() < bytes {
        let script = *random.choose(&Script::ALL);
        if random.below(4) == 0 {
            text.push_str(generator.word(script));
        } else {
            text.push_str(&generator.new_word(script));
        }
        text.push(' ');
    }
    text
}
