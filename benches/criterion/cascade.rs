//! Every mode on the same documents: the fixtures, half of which have a label, and generated benign ones. A cascade is
//! as fast as its first stages turn documents down, so the share that the encoder read is said on standard error.

#![allow(clippy::print_stderr, reason = "what was read belongs beside how long it took")]

use std::hint::black_box;

use bellwether::{Mode, Stage};
use bellwether_benches::checkout;
use bellwether_benches::generated_text::TextGenerator;
use bellwether_benches::input_digest::announce_texts;
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};

const GENERATED: usize = 30;

pub(crate) fn bench(criterion: &mut Criterion) {
    let fixtures = checkout::fixture_documents().into_iter().map(|document| document.text).collect();
    let inputs: [(&str, Vec<String>); 2] = [("fixtures", fixtures), ("generated", TextGenerator::new(6).documents(GENERATED))];
    for (name, texts) in &inputs {
        announce_texts(&format!("cascade/{name}"), texts.iter().map(String::as_str));
    }
    let mut group = criterion.benchmark_group("cascade");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for mode in Mode::ALL {
        let classifier = checkout::classifier(mode);
        for (name, texts) in &inputs {
            if mode == Mode::Cascade {
                let results = texts.iter().map(|text| classifier.classify(text));
                let read = results.filter(|result| result.as_ref().is_ok_and(|found| found.stage() == Stage::Encoder));
                eprintln!("cascade/{name}: the encoder reads {} of {} documents", read.count(), texts.len());
            }
            group.throughput(Throughput::Elements(texts.len() as u64));
            group.bench_function(BenchmarkId::new(mode.name(), name), |bencher| {
                bencher.iter(|| {
                    for text in texts {
                        black_box(classifier.classify(black_box(text))).expect("none is empty");
                    }
                });
            });
        }
    }
    group.finish();
}
