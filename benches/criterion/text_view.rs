//! The normalised text that the model reads, of texts that need nothing done and of texts that need much.

use std::hint::black_box;

use bellwether::TextView;
use bellwether_benches::generated_text::{Script, TextGenerator};
use bellwether_benches::input_digest::announce;
use criterion::{Criterion, Throughput};

const BYTES: usize = 4096;

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut generator = TextGenerator::new(1);
    let ascii = generator.text(Script::Latin, BYTES);
    // Every word hides a soft hyphen, and every third is spelt with a space between its letters.
    let hyphens = ascii.split(' ').map(|word| word.chars().flat_map(|letter| [letter, '\u{AD}']).collect());
    let spaced = |(at, word): (usize, String)| if at % 3 == 0 { word.replace('\u{AD}', " ") } else { word };
    let disguised: Vec<String> = hyphens.enumerate().map(spaced).collect();
    let texts = [
        ("ascii", ascii),
        ("cyrillic", generator.text(Script::Cyrillic, BYTES)),
        ("arabic", generator.text(Script::Arabic, BYTES)),
        ("chinese", generator.text(Script::Chinese, BYTES)),
        ("mixed scripts", generator.mixed_text(BYTES)),
        ("disguised", disguised.join(" ")),
    ];
    let mut group = criterion.benchmark_group("text view");
    for (name, text) in &texts {
        announce(&format!("text view/{name}"), text);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(*name, |bencher| bencher.iter(|| TextView::new(black_box(text))));
    }
    group.finish();
}
