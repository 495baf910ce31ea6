//! The text view against its definition, computed the slow and obvious way.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::time::{Duration, Instant};

use bellwether::TextView;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

fn is_removed(c: char) -> bool {
    matches!(u32::from(c),
        0xAD | 0x34F | 0x61C | 0x640 | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F
        | 0xFCF2..=0xFCF4 | 0xFE71 | 0xFE77 | 0xFE79 | 0xFE7B | 0xFE7D | 0xFE7F
        | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0x1BCA0..=0x1BCA3 | 0xE0000..=0xE0FFF)
}

fn by_definition(original: &str) -> String {
    let kept: String = original.chars().filter(|&c| !is_removed(c)).collect();
    let normalised: String = kept.nfkc().collect();
    let words: Vec<&str> =
        normalised.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    without_capitals(&words)
}

/// Three or more words in capitals one after another in small letters; words without letters and single capitals belong to either side.
fn without_capitals(words: &[&str]) -> String {
    let is_letter = |c: char| {
        matches!(u32::from(c),
        0x41..=0x5A | 0x61..=0x7A | 0xC0..=0xD6 | 0xD8..=0xF6 | 0xF8..=0x24F | 0x391..=0x3C9 | 0x400..=0x481 | 0x48A..=0x4FF
        | 0x620..=0x64A | 0x671..=0x6D3 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF)
    };
    let is_capital = |c: char| {
        let in_range = matches!(u32::from(c), 0x41..=0x5A | 0xC0..=0xDE | 0x100..=0x17F | 0x386..=0x3AB | 0x400..=0x4FF);
        in_range && !c.to_lowercase().eq([c])
    };
    let capitals = |word: &str| word.chars().filter(|&c| is_capital(c)).count();
    let parts_runs = |word: &&str| word.chars().any(|c| is_letter(c) && !is_capital(c));
    let mut written: Vec<String> = Vec::new();
    for stretch in words.split_inclusive(parts_runs) {
        let (run, end) = match stretch {
            [run @ .., end] if parts_runs(end) => (run, Some(end)),
            run => (run, None),
        };
        let is_loud = run.iter().filter(|word| capitals(word) > 1).count() >= 3;
        let small = |c: char| if is_capital(c) && c != '\u{130}' { c.to_lowercase().collect() } else { c.to_string() };
        written.extend(run.iter().map(|word| if is_loud { word.chars().map(small).collect() } else { (*word).to_owned() }));
        written.extend(end.map(|word| (*word).to_owned()));
    }
    written.join(" ")
}

/// Whether a word of a normalised text could be taken for a disguised one; none is looked for in other texts.
fn may_be_disguised(text: &str) -> bool {
    let has_foreign = |word: &str| word.chars().any(|c| ('\u{370}'..='\u{4FF}').contains(&c));
    let has_latin = |word: &str| word.chars().any(|c| c.is_ascii_alphabetic() || ('\u{C0}'..='\u{24F}').contains(&c));
    let has_figure = |word: &str| word.contains(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation() || c == '\u{B7}');
    let is_repeated = |word: &str| {
        let letters: Vec<char> = word.chars().collect();
        letters.len() > 4 && letters.windows(3).any(|run| run[0] == run[1] && run[1] == run[2])
    };
    text.split(' ').any(|word| has_figure(word) || is_repeated(word) || (has_foreign(word) && has_latin(word)))
        || text.split(' ').filter(|word| word.chars().count() == 1).count() >= 3
}

/// Everything that must hold for any text.
fn check(original: &str) {
    let view = TextView::new(original);
    let expected = by_definition(original);
    if !may_be_disguised(&expected) {
        assert_eq!(view.as_str(), expected, "of {original:?}");
    }
    assert_eq!(view.original_len(), original.len());
    let again = TextView::new(view.as_str());
    assert_eq!(again.as_str(), view.as_str(), "twice, of {original:?}");
    assert_eq!(again.original_range(0..view.as_str().len()), 0..view.as_str().len());
    check_ranges(original, &view);
}

fn check_ranges(original: &str, view: &TextView) {
    let length = view.as_str().len();
    let mut previous = 0..0;
    for start in 0..=length {
        // Ends next to the start, and at the end, take every path without taking every pair.
        for end in (start..=length.min(start + 3)).chain([length]) {
            let range = view.original_range(start..end);
            assert!(original.get(range.clone()).is_some(), "{start}..{end} of {original:?}");
            let wider = view.original_range(start..(end + 1).min(length));
            assert!(range.start == wider.start && range.end <= wider.end);
            let later = view.original_range((start + 1).min(end)..end);
            assert!(range.start <= later.start && range.end <= later.end);
            if start < end {
                assert!(!range.is_empty(), "{start}..{end} of {original:?}");
            }
        }
        let here = view.original_range(start..start);
        assert!(previous.start <= here.start && previous.end <= here.end);
        previous = here;
    }
    // What a range of whole words stands for gives those words again.
    for (at, word) in words_of(view.as_str()) {
        let source = &original[view.original_range(at..at + word.len())];
        let reread = TextView::new(source);
        // A word by itself keeps its capitals.
        assert!(reread.as_str().to_lowercase().contains(&word.to_lowercase()), "{word:?} from {source:?} in {original:?}");
    }
    let beyond = length + 5;
    assert_eq!(view.original_range(0..beyond), view.original_range(0..length));
    assert!(view.original_range(beyond..usize::MAX).is_empty());
}

fn words_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split(' ').map(move |word| {
        let start = at;
        at += word.len() + 1;
        (start, word)
    })
}

#[test]
fn nasty_strings_are_as_defined() {
    let table = [
        ("", ""),
        (" \t\r\n", ""),
        ("\u{0}\u{1}a\u{0}b\u{7F}", "a b"),
        ("plain ASCII text", "plain ASCII text"),
        ("  two\n\n lines\t", "two lines"),
        ("a\u{200B}t\u{2060}t\u{AD}a\u{FEFF}ck", "attack"),
        ("\u{202E}reversed\u{202C}", "reversed"),
        ("e\u{301}", "\u{E9}"),
        ("e\u{200D}\u{301}", "\u{E9}"),
        ("a\u{301}\u{323}", "\u{1EA1}\u{301}"),
        ("a\u{323}\u{34F}\u{301}", "\u{1EA1}\u{301}"),
        ("o\u{301}\u{334}", "\u{F3}\u{334}"),
        ("x\u{345}\u{315}\u{334}", "x\u{334}\u{315}\u{345}"),
        ("\u{FB03}", "ffi"),
        ("\u{FF21}\u{FF42}\u{3000}\u{FF11}", "Ab 1"),
        ("\u{130}\u{3C2}", "\u{130}\u{3C2}"),
        ("\u{1100}\u{1161}\u{11A8}", "\u{AC01}"),
        ("\u{1100}\u{FFC2}", "\u{AC00}"),
        ("\u{1100}\u{1160}\u{1161}", "\u{AC00}"),
        ("\u{AC00}\u{3133}", "\u{AC03}"),
        ("\u{9C7}\u{9BE}", "\u{9CB}"),
        (
            "\u{FDFA}",
            "\u{635}\u{644}\u{649} \u{627}\u{644}\u{644}\u{647} \u{639}\u{644}\u{64A}\u{647} \u{648}\u{633}\u{644}\u{645}",
        ),
        ("\u{A8}", "\u{308}"),
        ("a\u{A8}\u{A8}b", "a \u{308} \u{308}b"),
        ("a\n\u{A8}\n", "a \u{308}"),
        ("\n\u{308}", "\u{308}"),
        ("xx\u{2028}yy\u{2029}z\u{85}w", "xx yy z w"),
        ("\u{1F468}\u{200D}\u{1F469}\u{FE0F}", "\u{1F468}\u{1F469}"),
        ("\u{643}\u{640}\u{640}\u{62A}\u{FE77}\u{628}", "\u{643}\u{62A}\u{628}"),
        ("a\u{E0061}\u{E0100}b", "ab"),
        ("\u{FFFD}\u{FFFD}", "\u{FFFD}\u{FFFD}"),
        ("<s> </s>", "<s> </s>"),
        ("\u{16D67}\u{16D67}", "\u{16D68}"),
        ("\u{16D63}\u{16D67}\u{16D67}", "\u{16D6A}"),
    ];
    for (original, expected) in table {
        assert_eq!(TextView::new(original).as_str(), expected, "of {original:?}");
        check(original);
    }
}

#[test]
fn every_character_is_as_defined_alone_and_between_others() {
    // The planes that have characters with a decomposition, and the tags.
    for c in ('\u{0}'..='\u{2FFFF}').chain('\u{E0000}'..='\u{E1000}') {
        check(&c.to_string());
        // After a vowel, a Hangul syllable and a mark: things that it may combine with.
        let original = format!("o{c}\u{AC00}{c}\u{16D67}{c}\u{9C7}{c}\u{323}{c}x\u{345}{c}");
        let expected = by_definition(&original);
        if !may_be_disguised(&expected) {
            assert_eq!(TextView::new(&original).as_str(), expected, "with {c:?}");
        }
    }
}

#[test]
fn disguises_are_undone_for_their_form() {
    let table = [
        // Letters parted by spaces: three or more, of which the last may have a mark behind it.
        ("a p p l e tree", "apple tree"),
        ("tree a p p l e, pear", "tree apple, pear"),
        ("f i g", "fig"),
        ("a b", "a b"),
        ("苹 果 和 梨", "苹果和梨"),
        ("ت ف ا ح", "تفاح"),
        // Parted within a word.
        ("«a.p.p.l.e.s»", "«apples»"),
        ("a-p-p-l-e", "apple"),
        ("e.g. U.S.A. 1.2.3.4", "e.g. USA. 1.2.3.4"),
        // Two scripts that look alike, into the one that all letters can be of.
        ("аррle", "apple"),
        ("грyша", "груша"),
        ("груша apple", "груша apple"),
        ("грушаd", "грушаd"),
        // Figures between letters.
        ("gr33n", "green"),
        ("(gr33n!)", "(green!)"),
        ("p@stry l'0r4nge", "pastry l'orange"),
        ("covid19 mp3 4x4 2nd h2o x570e rtx3070ti", "covid19 mp3 4x4 2nd h2o x570e rtx3070ti"),
        ("@gr33n example.org/gr33n a@b.example", "@gr33n example.org/gr33n a@b.example"),
        // Letters three times or more in a row, in a word of five letters or more.
        ("appppple pearrr, and a figgg!", "aple pear, and a fig!"),
        ("www.apple.example IEEE hmmm VIII", "www.apple.example IEEE hmmm VIII"),
        ("СССР грушшша تفااااح", "СССР груша تفاح"),
        ("aaaaaaah zzzzzzzz", "ah zzzzzzzz"),
        ("s-zzzzz-s 果果果果果", "s-zzzzz-s 果果果果果"),
        // One after the other.
        ("а p p l e", "apple"),
        ("a.p.p.p.l.e", "aple"),
        ("greеen", "gren"),
        ("gre3e3en gr33333n", "gren gr33333n"),
        ("aaaaaaaaaaaaaaaaaaaappl3s", "apples"),
        ("g.r.3.3.n", "g.r.3.3.n"),
    ];
    for (original, expected) in table {
        assert_eq!(TextView::new(original).as_str(), expected, "of {original:?}");
        check(original);
    }
}

#[test]
fn phrases_in_capitals_are_written_small() {
    let table = [
        ("BRING THE BLANKETS", "bring the blankets"),
        ("I AM A MAN", "I AM A MAN"),
        ("the FAO and the WHO", "the FAO and the WHO"),
        ("she said: WE ARE 12, WE NEED A TENT! ok?", "she said: we are 12, we need a tent! ok?"),
        ("ПРИХОДИТЕ ВСЕ СЮДА", "приходите все сюда"),
        ("ÉCOUTEZ 🌳 LE GRAND CHÊNE", "écoutez 🌳 le grand chêne"),
        ("İKİ ELMA VAR", "İkİ elma var"),
        ("ONE TWO 三 FOUR", "ONE TWO 三 FOUR"),
        ("Εδώ ΕΙΝΑΙ ΤΟ ΔΕΝΤΡΟ", "Εδώ ειναι το δεντρο"),
        // After disguises are undone, among them figures within capitals.
        ("GR33N AND R1PE", "green and ripe"),
        ("GR33N", "GREEN"),
        ("A P P L E S AND PEARS", "apples and pears"),
        ("SOOOOO MANY PEARSSS", "so many pears"),
    ];
    for (original, expected) in table {
        assert_eq!(TextView::new(original).as_str(), expected, "of {original:?}");
        check(original);
    }
}

#[test]
fn a_word_without_its_disguise_stands_for_all_of_it() {
    let original = "un  g.r.e.e.n \u{FB01}g p e a r s , r\u{200B}1pe";
    let view = TextView::new(original);
    assert_eq!(view.as_str(), "un green fig pears , ripe");
    for (word, source) in
        [("green", "g.r.e.e.n"), ("ee", "g.r.e.e.n"), ("pears", "p e a r s"), ("ripe", "r\u{200B}1pe"), ("fig", "\u{FB01}g")]
    {
        let at = view.as_str().find(word).unwrap();
        assert_eq!(&original[view.original_range(at..at + word.len())], source, "{word}");
    }
}

#[test]
fn ranges_are_exact_where_text_was_copied() {
    let original = "\u{FEFF}un caf\u{E9}\u{200B}  noir, e\u{301}t \u{FB01}n";
    let view = TextView::new(original);
    assert_eq!(view.as_str(), "un caf\u{E9} noir, \u{E9}t fin");
    let range = |part: &str| {
        let at = view.as_str().find(part).unwrap();
        &original[view.original_range(at..at + part.len())]
    };
    for (part, expected) in [
        ("un", "un"),
        ("caf\u{E9}", "caf\u{E9}"),
        ("noir", "noir"),
        ("\u{E9}t", "e\u{301}t"),
        ("f\u{69}", "\u{FB01}"),
        (" noir", "  noir"),
    ] {
        assert_eq!(range(part), expected);
    }
    // Within a two-byte character, outwards.
    let accent = view.as_str().find('\u{E9}').unwrap();
    assert_eq!(&original[view.original_range(accent + 1..accent + 1)], "\u{E9}");
}

#[test]
fn hostile_lengths_take_little_time() {
    let million = 1_000_000;
    let texts = [
        "\u{301}".repeat(million),
        format!("a{}", "\u{301}\u{323}".repeat(million / 2)),
        "\u{200B}".repeat(million),
        "e\u{200B}\u{301}".repeat(million / 2),
        "\u{FDFA}".repeat(million / 10),
        " ".repeat(million),
        "\u{1161}".repeat(million),
        "a\n\u{E9}".repeat(million / 2),
        "a b c dd ".repeat(million / 8),
        "a.b-".repeat(million / 4),
        "\u{430}b1".repeat(million / 3),
        "AB ".repeat(million / 3),
        "AB \u{416}\u{416} x ".repeat(million / 10),
    ];
    for original in texts {
        let begun = Instant::now();
        let view = TextView::new(&original);
        let length = view.as_str().len();
        for at in 0..1000 {
            let _ = view.original_range(at..length);
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
        let expected = by_definition(&original);
        if !may_be_disguised(&expected) {
            assert_eq!(view.as_str(), expected);
        }
    }
}

/// Characters that interact: marks, joiners, jamo, compatibility forms, blanks.
fn interacting() -> impl Strategy<Value = String> {
    let chars: Vec<char> = "ae o\n\t\u{0}\u{E9}\u{1EA1}\u{301}\u{323}\u{308}\u{345}\u{334}\u{315}\u{200B}\u{200D}\u{34F}\u{FE0F}\
        \u{1100}\u{1160}\u{1161}\u{11A8}\u{AC00}\u{FFC2}\u{3133}\u{FFA0}\u{9C7}\u{9BE}\u{FB03}\u{FDFA}\u{A8}\u{B8}\
        \u{3000}\u{2028}\u{A0}\u{FF21}\u{FF9E}\u{30AB}\u{1F468}\u{E0061}\u{FEFF}\u{16D67}\u{16D63}\u{1D15E}\u{212B}"
        .chars()
        .collect();
    proptest::collection::vec(proptest::sample::select(chars), 0..24).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_as_defined(original in any::<String>()) {
        check(&original);
    }

    #[test]
    fn disguised_words_keep_their_ranges(words in proptest::collection::vec("[abe013.@а о苹]{0,6}|[a-cа-в] |[AÉИİ]{0,3}[AÉИ3!]", 0..12)) {
        check(&words.join(" "));
    }

    #[test]
    fn interacting_characters_are_as_defined(original in interacting()) {
        check(&original);
    }
}
