//! Text in capitals, in small letters.
//!
//! Capitals carry little but loudness once a whole phrase has them, and a tokenizer that has seldom
//! read them cuts it into letters. Single words keep theirs: they are names of organisations as a rule.

use super::disguise::is_letter;

/// Words in capitals that follow one another are written small if there are at least this many.
const MIN_WORDS: usize = 3;

/// What a word says of the words around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    /// Two letters or more, all of them capitals.
    Capitals,
    /// No letter, or one capital.
    Open,
    Other,
}

/// The view with every run of [`MIN_WORDS`] or more words in capitals in small letters.
///
/// A small letter takes as many bytes as its capital, so every byte goes on standing for what it stood for.
pub(super) fn written_small(mut view: String) -> String {
    if !may_have_run(&view) {
        return view;
    }
    let mut runs = Vec::new();
    let (mut at, mut start, mut words) = (0, 0, 0);
    for word in view.split(' ') {
        match case_of(word) {
            Case::Capitals => words += 1,
            Case::Open => {}
            Case::Other => {
                if words >= MIN_WORDS {
                    runs.push(start..at);
                }
                words = 0;
                start = at + word.len() + 1;
            }
        }
        at += word.len() + 1;
    }
    if words >= MIN_WORDS {
        runs.push(start..view.len());
    }
    for run in runs {
        let small: String = view[run.clone()].chars().map(small).collect();
        view.replace_range(run, &small);
    }
    view
}

/// Whether a view could have a run; false for most, from one look at each byte.
fn may_have_run(view: &str) -> bool {
    const CHUNK: usize = u8::MAX as usize;
    let bytes = view.as_bytes();
    let next = bytes.get(1..).unwrap_or_default();
    // A word in capitals has one with something else than a small letter behind it; letters beyond ASCII begin with these bytes.
    let is_loud = |(a, b): (&u8, &u8)| u8::from((a.is_ascii_uppercase() && !b.is_ascii_lowercase()) || *a >= 0xC3);
    // Sums of bytes, for they are added sixteen at a time.
    let loud = |(here, next): (&[u8], &[u8])| usize::from(here.iter().zip(next).map(is_loud).sum::<u8>());
    let capitals: usize = bytes.chunks(CHUNK).zip(next.chunks(CHUNK)).map(loud).sum();
    capitals >= MIN_WORDS
}

fn case_of(word: &str) -> Case {
    let mut capitals = 0;
    for c in word.chars() {
        if is_capital(c) {
            capitals += 1;
        } else if is_letter(c) {
            return Case::Other;
        }
    }
    if capitals > 1 { Case::Capitals } else { Case::Open }
}

/// The dotted capital of Turkish has no small letter of its length: it counts, and stays.
const DOTTED: char = '\u{130}';

fn is_capital(c: char) -> bool {
    c == DOTTED || small(c) != c
}

fn small(c: char) -> char {
    if matches!(c, 'A'..='Z' | '\u{C0}'..='\u{DE}' | '\u{100}'..='\u{17F}' | '\u{386}'..='\u{3AB}' | '\u{400}'..='\u{4FF}')
        && c != DOTTED
    {
        c.to_lowercase().next().unwrap_or(c)
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_letters_are_as_long_as_their_capitals() {
        for c in '\0'..='\u{1000}' {
            assert_eq!(small(c).len_utf8(), c.len_utf8(), "{c}");
            assert_eq!(small(small(c)), small(c), "{c}");
        }
    }

    proptest! {
        #[test]
        fn quick_look_misses_no_run(words in prop::collection::vec("[A-ZÉÑŠİΑΩЁЖa-cа7#!]{1,4}", 1..8)) {
            let view = words.join(" ");
            let capitals = words.iter().filter(|word| case_of(word) == Case::Capitals).count();
            if capitals >= MIN_WORDS {
                prop_assert!(may_have_run(&view));
            }
        }
    }
}
