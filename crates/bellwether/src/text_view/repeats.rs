//! Letters that are repeated for loudness, or to miss a word list, written once.

use std::array::from_fn;

use super::disguise::is_alphabetic;

/// A letter is repeated if it stands at least this often in a row: but for a few compounds, no declared language writes three.
const MIN_REPEATS: usize = 3;

/// Shorter words are numerals, acronyms and interjections: `VIII`, `IEEE`, `hmmm`.
const MIN_LETTERS: usize = 5;

/// The word with its repeated letters once, in stretches of [`MIN_LETTERS`] or more letters; none if no letter in them is repeated.
/// A stretch that is one letter alone stays.
pub(super) fn written_once(word: &str) -> Option<String> {
    if !may_be_repeated(word.as_bytes()) {
        return None;
    }
    let mut once = String::with_capacity(word.len());
    let mut rest = word;
    while !rest.is_empty() {
        let letters = rest.find(|c| !is_alphabetic(c)).unwrap_or(rest.len());
        add_stretch(&mut once, &rest[..letters]);
        let others = rest[letters..].find(is_alphabetic).map_or(rest.len(), |others| letters + others);
        once.push_str(&rest[letters..others]);
        rest = &rest[others..];
    }
    (once.len() < word.len()).then_some(once)
}

/// Adds letters that follow one another.
fn add_stretch(once: &mut String, letters: &str) {
    let first = letters.chars().next();
    if letters.chars().count() < MIN_LETTERS || letters.chars().all(|c| Some(c) == first) {
        once.push_str(letters);
        return;
    }
    let mut rest = letters;
    while let Some(letter) = rest.chars().next() {
        let (run, behind) = rest.split_at(rest.find(|c| c != letter).unwrap_or(rest.len()));
        once.push_str(if run.len() >= MIN_REPEATS * letter.len_utf8() { &run[..letter.len_utf8()] } else { run });
        rest = behind;
    }
}

/// Whether a letter stands [`MIN_REPEATS`] times in a row; true for a few other characters too.
pub(super) fn may_be_repeated(bytes: &[u8]) -> bool {
    /// Bytes at which it is asked together whether a repeated letter begins.
    const CHUNK: usize = 32;
    let shifted: [&[[u8; CHUNK]]; BYTES] = from_fn(|by| bytes.get(by..).unwrap_or_default().as_chunks().0);
    let whole = shifted[BYTES - 1].len();
    let has_repeats = |chunk: usize| {
        let at = shifted.map(|bytes| &bytes[chunk]);
        (0..CHUNK).fold(0, |any, i| any | repeated_byte([at[0][i], at[1][i], at[2][i]])) > 0
            || (!at[0].is_ascii() && (0..CHUNK).fold(0, |any, i| any | repeated_pair(at.map(|bytes| bytes[i]))) > 0)
    };
    let behind = &bytes[whole * CHUNK..];
    (0..whole).any(has_repeats)
        || behind.array_windows().any(|&run| repeated_byte(run) > 0)
        || behind.array_windows().any(|&run| repeated_pair(run) > 0)
}

/// The bytes of a repeated letter, at most: all of [`is_alphabetic`] have one or two.
const BYTES: usize = 2 * MIN_REPEATS;

/// 1 if these are one letter of ASCII, and for a few signs too. Written without branches, as [`repeated_pair`] is, so that many places
/// are looked at together.
fn repeated_byte(run: [u8; MIN_REPEATS]) -> u8 {
    u8::from(run[0] == run[1]) & u8::from(run[1] == run[2]) & u8::from(run[0] >= b'A')
}

/// 1 if these are one letter of two bytes three times.
fn repeated_pair(run: [u8; BYTES]) -> u8 {
    let is_first = u8::from(run[0] == run[2]) & u8::from(run[2] == run[4]) & u8::from(run[0] >= 0xC3);
    is_first & u8::from(run[1] == run[3]) & u8::from(run[3] == run[5])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_have_one_byte_or_two() {
        assert!(
            (char::MIN..=char::MAX).filter(|&c| is_alphabetic(c)).all(|c| c.is_ascii() || c.len_utf8() == 2 && c >= '\u{C0}')
        );
    }

    proptest! {
        #[test]
        fn quick_look_misses_no_repeated_letter(before in "[a-zé城]{0,40}", letter in "[a-zA-Zéжت]", behind in "[a-zé城]{0,40}") {
            let text = before + &letter.repeat(MIN_REPEATS) + &behind;
            prop_assert!(may_be_repeated(text.as_bytes()));
        }

        #[test]
        fn small_letters_and_capitals_are_repeated_alike(word in "[A-CÉЖ.]{1,12}") {
            prop_assert_eq!(written_once(&word).map(|word| word.to_lowercase()), written_once(&word.to_lowercase()));
        }
    }
}
