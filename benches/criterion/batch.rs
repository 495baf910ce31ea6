//! Many documents in parallel and in order, scored by the gate, with one thread and with two.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use bellwether::Mode;
use bellwether_batch::{Document, OrderedPool, ScoredDocument};
use bellwether_benches::checkout;
use bellwether_benches::generated_text::TextGenerator;
use bellwether_benches::input_digest::announce_texts;
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode, Throughput};

const DOCUMENTS: usize = 2000;

pub(crate) fn bench(criterion: &mut Criterion) {
    let classifier = checkout::classifier(Mode::Gate);
    let texts = TextGenerator::new(7).documents(DOCUMENTS);
    announce_texts("batch", texts.iter().map(String::as_str));
    let documents: Vec<Document> = (0_u32..).zip(texts).map(|(id, text)| Document::new(id.to_string(), text)).collect();
    let mut group = criterion.benchmark_group("batch");
    group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(DOCUMENTS as u64));
    for threads in [1, 2] {
        let pool = OrderedPool::new(NonZeroUsize::new(threads)).expect("the system gives two threads");
        group.bench_function(BenchmarkId::new("threads", threads), |bencher| {
            bencher.iter_batched(
                || documents.clone(),
                |documents| {
                    pool.map(
                        documents.into_iter(),
                        |document| document.text.len(),
                        |document| ScoredDocument::score(&classifier, Ok(document)),
                        |scored| {
                            black_box(scored);
                            ControlFlow::<()>::Continue(())
                        },
                    )
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}
