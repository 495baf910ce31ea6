//! A whole document as overlapping windows of tokens; tokenizing is part of it.

use std::hint::black_box;

use bellwether::{TextView, Tokenizer, WindowPlan, Windows};
use bellwether_benches::checkout;
use bellwether_benches::generated_text::TextGenerator;
use gungraun::library_benchmark;

use crate::baseline::held_to_baseline;

fn mixed_scripts() -> (WindowPlan, Tokenizer, TextView) {
    let view = TextView::new(&TextGenerator::new(3).mixed_text(1 << 16));
    let (plan, tokenizer) = (checkout::window_plan(), checkout::tokenizer());
    let _ = plan.windows(&view, &tokenizer);
    (plan, tokenizer, view)
}

#[library_benchmark]
#[bench::mixed_scripts(args = (mixed_scripts()), config = held_to_baseline("cut_windows.mixed_scripts"))]
fn cut_windows((plan, tokenizer, view): (WindowPlan, Tokenizer, TextView)) -> (Tokenizer, Windows) {
    let windows = plan.windows(black_box(&view), &tokenizer);
    (tokenizer, windows)
}
