//! The tokenizer against the released line of the same library, on the shipped vocabulary.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::path::Path;
use std::sync::LazyLock;

use bellwether::{MAX_WORD_CHARS, TextView, Tokenizer};
use proptest::prelude::*;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small/tokenizer.json");

static OURS: LazyLock<Tokenizer> =
    LazyLock::new(|| Tokenizer::from_json(&std::fs::read(PATH).unwrap(), Path::new(PATH)).unwrap());

static RELEASED: LazyLock<tokenizers::Tokenizer> = LazyLock::new(|| {
    let mut released = tokenizers::Tokenizer::from_file(PATH).unwrap();
    released.set_encode_special_tokens(true);
    released
});

/// Words cut as documented, and control tokens that text spells out made unknown.
fn released_ids(view: &str) -> Vec<u32> {
    let mut ids = Vec::new();
    for word in view.split(' ') {
        let chars: Vec<char> = word.chars().collect();
        for cut in chars.chunks(MAX_WORD_CHARS) {
            let cut: String = cut.iter().collect();
            let encoding = RELEASED.encode_fast(cut.as_str(), false).unwrap();
            ids.extend(encoding.get_ids().iter().map(|&id| if id < 3 { 3 } else { id }));
        }
    }
    ids
}

fn check(original: &str) {
    let view = TextView::new(original);
    let ids = OURS.encode(&view);
    assert_eq!(ids, released_ids(view.as_str()), "of {original:?}");
    assert!(ids.iter().all(|&id| (id as usize) < OURS.vocabulary_size()));
    let control = [OURS.begin_id(), OURS.end_id(), 1];
    assert!(!ids.iter().any(|id| control.contains(id)), "of {original:?}: {ids:?}");

    let mut by_word = Vec::new();
    for word in view.as_str().split(' ') {
        OURS.encode_word(word, &mut by_word);
    }
    assert_eq!(by_word, ids);
}

#[test]
fn the_control_tokens_have_their_ids() {
    assert_eq!((OURS.begin_id(), OURS.end_id(), OURS.unknown_id()), (0, 2, 3));
    assert_eq!(OURS.vocabulary_size(), RELEASED.get_vocab_size(true));
}

#[test]
fn nasty_strings_give_the_released_ids() {
    for original in [
        "",
        " ",
        "a",
        "The quick brown fox jumps over the lazy dog.",
        "nul\u{0}byte \u{0}",
        "zero\u{200B}width \u{FEFF}mark",
        "no\u{A0}break",
        "\u{FFFD} \u{FFFD}\u{FFFD}\u{FFFD}",
        "\u{130}stanbul I\u{307}stanbul",
        "\u{FB01}n e\u{FB03}cient \u{FB06}",
        "\u{3A3}\u{3AF}\u{3C3}\u{3C5}\u{3C6}\u{3BF}\u{3C2} \u{3C2}",
        "\u{FF21}\u{FF22}\u{FF23} \u{FF11}\u{FF12}",
        "a\u{301}\u{323} a\u{323}\u{301} Z\u{351}\u{36B}\u{343}\u{36A}",
        "\u{627}\u{644}\u{652}\u{639}\u{64E}\u{631}\u{64E}\u{628}\u{650}\u{64A}\u{64E}\u{651}\u{629}\u{64F} \u{640}\u{640}",
        "\u{6F1}\u{6F2} \u{661}",
        "\u{4E2D}\u{6587}\u{5B57}\u{7B26} \u{65E5}\u{672C}\u{8A9E}\u{30C6}\u{30AD}\u{30B9}\u{30C8} \u{D55C}\u{AD6D}\u{C5B4}",
        "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} \u{1F1EB}\u{1F1F7} \u{2764}\u{FE0F}",
        "line\u{2028}separator\u{2029}and\u{85}next",
        "<s> </s> <unk> <pad> <mask>",
        "a</s>b<s>c<pad>d<unk>e</s></s>",
        "\u{2581} \u{2581}\u{2581}a a\u{2581}b\u{2581} \u{2581}the",
        "\u{FDFA} \u{1D400}\u{1D401} \u{2460}",
        "the\u{FFFF} a\u{FFFF}b \u{FFFF}\u{FFFE}the",
        "<0x41> \\u0041 %00 \u{10FFFF}\u{E000}",
    ] {
        check(original);
    }
    check(&String::from_utf16_lossy(&[0xD800, 0x61, 0xDC00]));
    check(&"x".repeat(3 * MAX_WORD_CHARS + 7));
    check(&format!("{} {}", "\u{4E2D}".repeat(MAX_WORD_CHARS), "ab".repeat(MAX_WORD_CHARS)));
}

#[test]
fn a_control_token_spelled_out_is_text() {
    // Keeping them from being cut out is not enough: the model itself finds them.
    assert!(RELEASED.encode_fast("</s>", false).unwrap().get_ids().contains(&OURS.end_id()));
    for word in ["<s>", "</s>", "<pad>", "</s></s>"] {
        let mut ids = Vec::new();
        OURS.encode_word(word, &mut ids);
        assert!(ids.contains(&OURS.unknown_id()) || ids.iter().all(|&id| id > 3), "{word}: {ids:?}");
    }
}

#[test]
fn long_words_are_cut_after_the_limit() {
    let word = "attack".repeat(100);
    let (mut whole, mut cut) = (Vec::new(), Vec::new());
    OURS.encode_word(&word, &mut whole);
    for start in (0..word.len()).step_by(MAX_WORD_CHARS) {
        OURS.encode_word(&word[start..word.len().min(start + MAX_WORD_CHARS)], &mut cut);
    }
    assert_eq!(whole, cut);
}

/// A small definition that can be used.
const DEFINITION: &str = r#"{"version":"1.0","added_tokens":[{"id":0,"content":"<s>","special":true}],"normalizer":null,
"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},
{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true}]},
"model":{"type":"Unigram","unk_id":2,"vocab":[["<s>",0.0],["</s>",0.0],["<unk>",0.0],["a",-1.0],["\u2581a",-1.5]],"byte_fallback":false}}"#;

#[test]
fn a_small_definition_can_be_used() {
    let small = Tokenizer::from_json(DEFINITION.as_bytes(), Path::new("t.json")).unwrap();
    // Unknown characters in a row are one token; the mark before a word is one of them here.
    assert_eq!(small.encode(&TextView::new("a aa xy ax")), [4, 4, 3, 2, 4, 2]);
}

#[test]
fn unusable_files_are_errors() {
    let changed = [
        (r#""version":"1.0""#, r#""version":"2.0""#, "version"),
        (r#""special":true"#, r#""special":false"#, "not special"),
        (r#""normalizer":null"#, r#""normalizer":{"type":"NFC"}"#, "normalizer"),
        (r#"{"type":"WhitespaceSplit"},"#, "", "pre_tokenizer"),
        (r#""always""#, r#""never""#, "pre_tokenizer"),
        (r#""id":0"#, r#""id":8"#, "added tokens"),
        (r#""id":0"#, r#""id":1"#, "added tokens"),
        ("Unigram", "BPE", "Unigram"),
        (r#""unk_id":2"#, r#""unk_id":5"#, "unk_id"),
        (r#""unk_id":2,"#, "", "unk_id"),
        (r#""byte_fallback":false"#, r#""byte_fallback":true"#, "bytes"),
        (r#""</s>""#, r#""</t>""#, "</s>"),
        (r#"["a",-1.0]"#, r#"["<unk>",-1.0]"#, "vocabulary"),
        (r#"["a",-1.0]"#, r#"["",-1.0]"#, "vocabulary"),
        (r#"["a",-1.0]"#, r#"["a",-1e300]"#, "score"),
    ];
    let changed = changed.map(|(from, to, reason)| {
        assert!(DEFINITION.contains(from), "{from}");
        (DEFINITION.replace(from, to), reason)
    });
    let damaged = ["", "{}", "[]"].map(|json| (json.to_owned(), ""));
    for (json, reason) in changed.into_iter().chain(damaged) {
        let error = Tokenizer::from_json(json.as_bytes(), Path::new("t.json")).unwrap_err();
        assert!(error.is_model_damaged() && error.to_string().contains(reason), "{json}: {error}");
        assert_eq!(error.path(), Some(Path::new("t.json")));
    }
    assert!(Tokenizer::from_json(b"\xFF", Path::new("t.json")).unwrap_err().is_model_damaged());
}

/// Words as they are found: of several scripts, with marks, digits and markup among them.
fn mixed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Z]{1,12}",
        "[\u{430}-\u{44F}]{1,10}",
        "[\u{621}-\u{652}]{1,10}",
        "[\u{4E00}-\u{4FFF}]{1,6}",
        "[\u{900}-\u{94D}]{1,8}",
        "[\u{3040}-\u{30FF}]{1,6}",
        "[\u{E0}-\u{17F}]{1,6}",
        "[0-9.,:/#@!?-]{1,8}",
        // Of repeated syllables there are cuts that are as good, and rounding decides between them.
        "(ha|la|no|a){1,8}[,;)%\\]\u{BB}\u{201D}\u{6D4}\u{3002}]{0,2}",
        "[(\\[\"'\u{AB}\u{201C}\u{300C}]{1,2}",
        "[\u{300}-\u{310}\u{2581}\u{200B}]{1,2}",
        Just("</s>".to_owned()),
        Just(" ".to_owned()),
    ];
    proptest::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text_gives_the_released_ids(original in any::<String>()) {
        check(&original);
    }

    #[test]
    fn mixed_scripts_give_the_released_ids(original in mixed()) {
        check(&original);
    }
}
