//! How long each step from a file to a classification takes, and how long all of them take together.
//!
//!     cargo bench -p bellwether-benches --bench criterion
//!     cargo bench -p bellwether-benches --bench criterion -- tokenizer
//!
//! The digest of every input goes to standard error.

mod batch;
mod cascade;
mod encoder;
mod gate;
mod model_loading;
mod sources;
mod text_view;
mod tokenizer;
mod windows;

use std::time::Duration;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .sample_size(30)
        .configure_from_args();
    text_view::bench(&mut criterion);
    tokenizer::bench(&mut criterion);
    windows::bench(&mut criterion);
    gate::bench(&mut criterion);
    encoder::bench(&mut criterion);
    cascade::bench(&mut criterion);
    batch::bench(&mut criterion);
    model_loading::bench(&mut criterion);
    sources::bench(&mut criterion);
    criterion.final_summary();
}
