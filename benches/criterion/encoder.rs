//! The encoder alone, by the length of the document in tokens.

use std::hint::black_box;

use bellwether::Mode;
use bellwether_benches::checkout;
use bellwether_benches::generated_text::TextGenerator;
use bellwether_benches::input_digest::announce;
use bellwether_benches::token_length::{TOKEN_LENGTHS, text_of};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};

pub(crate) fn bench(criterion: &mut Criterion) {
    let classifier = checkout::classifier(Mode::Encoder);
    let tokenizer = checkout::tokenizer();
    let mut generator = TextGenerator::new(5);
    let mut group = criterion.benchmark_group("encoder");
    group.sample_size(15).sampling_mode(SamplingMode::Flat);
    for tokens in TOKEN_LENGTHS {
        let text = text_of(tokens, &mut generator, &tokenizer);
        announce(&format!("encoder/{tokens} tokens"), &text);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(tokens), |bencher| {
            bencher.iter(|| classifier.classify(black_box(&text)));
        });
    }
    group.finish();
}
