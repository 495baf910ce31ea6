//! A whole document as overlapping windows of tokens; tokenizing is part of it.

use std::hint::black_box;

use bellwether::TextView;
use bellwether_benches::checkout;
use bellwether_benches::generated_text::TextGenerator;
use bellwether_benches::input_digest::announce;
use criterion::{BenchmarkId, Criterion, Throughput};

pub(crate) fn bench(criterion: &mut Criterion) {
    let tokenizer = checkout::tokenizer();
    let plan = checkout::window_plan();
    let mut generator = TextGenerator::new(3);
    let mut group = criterion.benchmark_group("windows");
    for bytes in [256, 4096, 65536] {
        let text = generator.mixed_text(bytes);
        announce(&format!("windows/{bytes}"), &text);
        let view = TextView::new(&text);
        group.throughput(Throughput::Bytes(view.as_str().len() as u64));
        group.bench_function(BenchmarkId::from_parameter(bytes), |bencher| {
            bencher.iter(|| plan.windows(black_box(&view), &tokenizer));
        });
    }
    group.finish();
}
