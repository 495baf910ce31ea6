//! Text in capitals, in small letters.
//!
//! Capitals carry little but loudness once a whole phrase has them, and a tokenizer that has seldom
//! read them cuts it into letters. Single words keep theirs: they are names of organisations as a rule.

use memchr::memrchr;

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
    let mut runs = Vec::new();
    // The beginning of a word; what stands before it has been looked at.
    let mut at = 0;
    while let Some(loud) = next_loud(&view.as_bytes()[at..]).map(|offset| at + offset) {
        let start = memrchr(b' ', &view.as_bytes()[at..loud]).map_or(at, |space| at + space + 1);
        let (mut end, mut words) = (start, 0);
        at = view.len();
        for word in view[start..].split(' ') {
            match case_of(word) {
                Case::Capitals => words += 1,
                Case::Open => {}
                Case::Other => {
                    at = (end + word.len() + 1).min(view.len());
                    break;
                }
            }
            end += word.len() + 1;
        }
        if words >= MIN_WORDS {
            runs.push(start..end.min(view.len()));
        }
    }
    for run in runs {
        let small: String = view[run.clone()].chars().map(small).collect();
        view.replace_range(run, &small);
    }
    view
}

/// Where the first loud byte is; every word in capitals has one.
fn next_loud(bytes: &[u8]) -> Option<usize> {
    /// Bytes of which it is first asked whether any is loud.
    const CHUNK: usize = 32;
    let next = bytes.get(1..)?;
    let (chunks, next_chunks) = (bytes.as_chunks::<CHUNK>().0, next.as_chunks::<CHUNK>().0);
    let is_quiet =
        |(here, next): &(&[u8; CHUNK], &[u8; CHUNK])| (0..CHUNK).fold(0, |any, i| any | loudness((&here[i], &next[i]))) == 0;
    let quiet = CHUNK * chunks.iter().zip(next_chunks).take_while(is_quiet).count();
    Some(quiet + bytes[quiet..].iter().zip(&next[quiet..]).position(|pair| loudness(pair) > 0)?)
}

/// More than 0 for a capital with something else than a small letter behind it, and for the first byte of Latin, Greek and Cyrillic
/// letters beyond ASCII. Written without branches, so that many bytes are looked at together.
fn loudness((&byte, &next): (&u8, &u8)) -> u8 {
    let within = |byte: u8, first: u8, last: u8| u8::from(byte.wrapping_sub(first) <= last - first);
    let ascii = within(byte, b'A', b'Z') & (1 - within(next, b'a', b'z'));
    ascii | within(byte, 0xC3, 0xC5) | within(byte, 0xCE, 0xCE) | within(byte, 0xD0, 0xD3)
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
        fn quick_look_misses_no_word_in_capitals(word in "[A-ZÉÑŠİΑΩЁЖ7#!]{1,4}", before in "[a-z ]{0,70}") {
            if case_of(&word) == Case::Capitals {
                let view = before.clone() + &word;
                prop_assert!(next_loud(view.as_bytes()).is_some_and(|at| at >= before.len()));
            }
        }
    }
}
