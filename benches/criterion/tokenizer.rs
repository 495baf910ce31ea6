//! Words to token ids: words that the thread has met before, and words that it has not.

use std::hint::black_box;

use bellwether::TextView;
use bellwether_benches::checkout;
use bellwether_benches::generated_text::{Script, TextGenerator};
use bellwether_benches::input_digest::announce;
use criterion::{BatchSize, Criterion, Throughput};

const BYTES: usize = 4096;

/// More new words than a thread remembers, so that none is remembered until it comes again.
const NEW_TEXTS: usize = 2048;

pub(crate) fn bench(criterion: &mut Criterion) {
    let tokenizer = checkout::tokenizer();
    let mut generator = TextGenerator::new(2);
    let mut group = criterion.benchmark_group("tokenizer");
    for (name, text) in [
        ("known words, ascii", generator.text(Script::Latin, BYTES)),
        ("known words, mixed scripts", generator.mixed_text(BYTES)),
    ] {
        announce(&format!("tokenizer/{name}"), &text);
        let view = TextView::new(&text);
        group.throughput(Throughput::Bytes(view.as_str().len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| tokenizer.encode(black_box(&view))));
    }
    let name = "new words, mixed scripts";
    let mut new_text = || {
        let mut text = String::new();
        while text.len() < BYTES {
            for script in Script::ALL {
                text.push_str(&generator.new_word(script));
                text.push(' ');
            }
        }
        text.truncate(text.floor_char_boundary(BYTES));
        text
    };
    let texts: Vec<String> = (0..NEW_TEXTS).map(|_| new_text()).collect();
    announce(&format!("tokenizer/{name}"), texts.concat());
    let views: Vec<TextView> = texts.iter().map(|text| TextView::new(text)).collect();
    let mut next = views.iter().cycle();
    group.throughput(Throughput::Bytes(BYTES as u64));
    group.bench_function(name, |bencher| {
        bencher.iter_batched(
            || next.next().expect("they come round again"),
            |view| tokenizer.encode(black_box(view)),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}
