//! The classification path, step by step and whole, on texts generated here.
//!
//!     cargo bench -p bellwether-benches

use std::hint::black_box;
use std::path::Path;

use bellwether::{Classifier, Mode, TextView, Tokenizer};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/multilingual-small");

/// Everyday sentences in three scripts, repeated to a length.
fn text(bytes: usize) -> String {
    let sentence = "The library opens at nine on weekdays. Библиотека открыта с девяти утра. تفتح المكتبة في التاسعة صباحا. ";
    let mut text = sentence.repeat(bytes / sentence.len() + 1);
    text.truncate(text.floor_char_boundary(bytes));
    text
}

fn text_view(c: &mut Criterion) {
    let mut group = c.benchmark_group("text view");
    for (name, text) in [("mixed scripts", text(4096)), ("ascii", "The library opens at nine. ".repeat(152))] {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_with_input(name, &text, |b, text| b.iter(|| TextView::new(black_box(text))));
    }
    group.finish();
}

fn tokenizer(c: &mut Criterion) {
    let path = Path::new(MODEL).join("tokenizer.json");
    let tokenizer = Tokenizer::from_json(&std::fs::read(&path).unwrap(), &path).unwrap();
    let view = TextView::new(&text(4096));
    let mut group = c.benchmark_group("tokenizer");
    group.throughput(Throughput::Bytes(view.as_str().len() as u64));
    group.bench_function("encode", |b| b.iter(|| tokenizer.encode(black_box(&view))));
    group.finish();
}

fn classify(c: &mut Criterion) {
    let mut group = c.benchmark_group("classify");
    group.sample_size(10);
    for mode in Mode::ALL {
        let classifier = Classifier::builder().mode(mode).open(MODEL).unwrap();
        for bytes in [50, 200, 800, 3200] {
            let text = text(bytes);
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_with_input(BenchmarkId::new(mode.name(), bytes), &text, |b, text| {
                b.iter(|| classifier.classify(black_box(text)).unwrap())
            });
        }
    }
    group.finish();
}

criterion_group!(benches, text_view, tokenizer, classify);
criterion_main!(benches);
