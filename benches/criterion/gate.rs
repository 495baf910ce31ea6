//! The gate alone: documents of several lengths, and what comes before the gate on the same documents.

use std::hint::black_box;

use bellwether::{Mode, TextView};
use bellwether_benches::checkout;
use bellwether_benches::generated_text::TextGenerator;
use bellwether_benches::input_digest::announce;
use bellwether_benches::token_length::{TOKEN_LENGTHS, text_of};
use criterion::{BenchmarkId, Criterion, Throughput};

pub(crate) fn bench(criterion: &mut Criterion) {
    let classifier = checkout::classifier(Mode::Gate);
    let plan = checkout::window_plan();
    let tokenizer = checkout::tokenizer();
    let mut generator = TextGenerator::new(4);
    let mut group = criterion.benchmark_group("gate");
    for tokens in TOKEN_LENGTHS {
        let text = text_of(tokens, &mut generator, &tokenizer);
        announce(&format!("gate/{tokens} tokens"), &text);
        group.throughput(Throughput::Bytes(text.len() as u64));
        // The gate's own time is the difference of the two.
        group.bench_function(BenchmarkId::new("view and windows", tokens), |bencher| {
            bencher.iter(|| plan.windows(&TextView::new(black_box(&text)), &tokenizer));
        });
        group.bench_function(BenchmarkId::new("classify", tokens), |bencher| {
            bencher.iter(|| classifier.classify(black_box(&text)));
        });
    }
    group.finish();
}
