//! What must hold for the windows of any document.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bellwether::{MAX_WORD_CHARS, TextView, Tokenizer, WindowPlan};
use proptest::prelude::*;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small/tokenizer.json");

static TOKENIZER: LazyLock<Tokenizer> =
    LazyLock::new(|| Tokenizer::from_json(&std::fs::read(PATH).unwrap(), Path::new(PATH)).unwrap());

/// The original bytes of the word of each token.
fn word_of_token(view: &TextView) -> Vec<std::ops::Range<usize>> {
    let (mut words, mut ids, mut at) = (Vec::new(), Vec::new(), 0);
    for word in view.as_str().split(' ') {
        let chars: Vec<char> = word.chars().collect();
        for cut in chars.chunks(MAX_WORD_CHARS) {
            let cut: String = cut.iter().collect();
            TOKENIZER.encode_word(&cut, &mut ids);
            words.resize(ids.len(), view.original_range(at..at + cut.len()));
            at += cut.len();
        }
        at += 1;
    }
    words
}

fn check(original: &str, content: usize, overlap: usize, most: usize) {
    let plan = WindowPlan::new(content, overlap, most).unwrap();
    let view = TextView::new(original);
    let cut = plan.windows(&view, &TOKENIZER);
    let all = TOKENIZER.encode(&view);
    let words = word_of_token(&view);
    assert_eq!(all.len(), words.len());
    let read = all.len().min(plan.max_document_tokens());

    assert!((1..=most).contains(&cut.windows.len()));
    assert_eq!(cut.coverage.get() < 1.0, read < all.len());
    assert!((0.0..=1.0).contains(&cut.coverage.get()));
    assert_eq!(cut.windows.len() == 1, read <= content);

    let (count, length) = (cut.windows.len(), cut.windows[0].ids.len() - 2);
    // One window fewer, or windows shorter by a token, would not do.
    assert!(count == 1 || (count - 1) * content - (count - 2) * overlap < read);
    assert!(count == 1 || count * (length - 1) < read + (count - 1) * overlap);
    let mut covered = 0;
    for (index, window) in cut.windows.iter().enumerate() {
        let begin = index * (read - length) / (count - 1).max(1);
        let end = begin + length;
        assert!(length <= content);
        assert!(begin <= covered, "a token is in no window");
        assert!(index == 0 || begin + overlap <= covered, "the overlap is too small");
        assert!(end > covered || read == 0, "a window adds nothing");
        covered = end;

        assert_eq!(window.ids.first(), Some(&TOKENIZER.begin_id()));
        assert_eq!(window.ids.last(), Some(&TOKENIZER.end_id()));
        assert_eq!(window.ids[1..window.ids.len() - 1], all[begin..end]);
        assert!(original.get(window.range.clone()).is_some());
        if read == 0 {
            assert_eq!(window.range, 0..0);
        } else {
            assert_eq!(window.range, words[begin].start..words[end - 1].end);
        }
    }
    assert_eq!(covered, read, "the last tokens are in no window");
}

#[test]
fn impossible_plans_are_refused() {
    for (content, overlap, most) in [(0, 0, 0), (2, 2, 1), (2, 3, 1), (2, 0, 1), (2, 1, 0)] {
        assert_eq!(WindowPlan::new(content, overlap, most), None);
    }
    let most = WindowPlan::new(usize::MAX, 1, usize::MAX).unwrap();
    assert_eq!(most.max_document_tokens(), usize::MAX);
    assert_eq!(most.windows(&TextView::new("a b"), &TOKENIZER).windows.len(), 1);
}

#[test]
fn an_empty_text_has_one_window_and_is_read_whole() {
    for original in ["", "  \n", "\u{200B}\u{FEFF}"] {
        let plan = WindowPlan::new(126, 42, 4).unwrap();
        let cut = plan.windows(&TextView::new(original), &TOKENIZER);
        assert_eq!(cut.windows.len(), 1);
        assert_eq!(cut.windows[0].ids, [TOKENIZER.begin_id(), TOKENIZER.end_id()]);
        assert_eq!(cut.windows[0].range, 0..0);
        assert!(cut.coverage.get() >= 1.0);
    }
}

#[test]
fn a_document_that_just_fits_is_read_whole() {
    let text = "one ".repeat(400);
    let tokens = TOKENIZER.encode(&TextView::new(&text)).len();
    for content in [tokens - 1, tokens, tokens + 1] {
        check(&text, content, 1, 1);
        check(&text, content, content / 2, 2);
    }
    check(&text, tokens.div_ceil(2), 1, 2);
}

#[test]
fn text_past_the_last_window_costs_nothing() {
    let original = "a".repeat(10_000_000);
    let view = TextView::new(&original);
    let plan = WindowPlan::new(126, 42, 4).unwrap();
    let begun = Instant::now();
    let cut = plan.windows(&view, &TOKENIZER);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert_eq!(cut.windows.len(), 4);
    assert!(cut.coverage.get() < 0.01);
    assert!(cut.windows.iter().all(|window| window.ids.len() == 128));
}

fn documents() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,12} ",
        1 => "[\u{4E00}-\u{4FFF}]{1,40} ",
        1 => "[\u{FB01}\u{200B}\u{301}\u{FF21}\u{3000}e]{1,8}",
        1 => "[a-z]{200,600}",
        1 => any::<String>(),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn windows_of_any_document_hold_every_token(
        original in documents(),
        content in 2_usize..60,
        share in 0_usize..100,
        most in 1_usize..12,
    ) {
        let overlap = 1 + (content - 2) * share / 99;
        check(&original, content, overlap, most);
    }
}
