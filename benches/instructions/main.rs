//! How many instructions each step of the hot path takes, as callgrind counts them.
//!
//!     cargo bench -p bellwether-instructions -- --parallel=2

#![allow(missing_docs, unused_qualifications, reason = "gungraun's macros expand to that")]

mod baseline;
mod batch;
mod classification;
mod text_view;
mod tokenizer;
mod windows;

use batch::score_json_lines;
use classification::{classify_by_encoder, classify_by_gate, classify_by_student};
use gungraun::{library_benchmark_group, main};
use text_view::normalise;
use tokenizer::tokenize;
use windows::cut_windows;

library_benchmark_group!(
    name = hot_path,
    benchmarks = [normalise, tokenize, cut_windows, classify_by_gate, classify_by_student, classify_by_encoder, score_json_lines]
);

main!(teardown = baseline::tell_what_fell(), library_benchmark_groups = hot_path);
