//! Verifying and loading the model folder, which the system has in its memory already.

use bellwether::Mode;
use bellwether_benches::checkout;
use criterion::{Criterion, SamplingMode};

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("model loading");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for mode in Mode::ALL {
        group.bench_function(mode.name(), |bencher| bencher.iter_with_large_drop(|| checkout::classifier(mode)));
    }
    group.finish();
}
