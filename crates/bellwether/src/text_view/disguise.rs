//! Words in a spelling that is meant to be read by people and missed by machines, as the plain words they stand for.
//!
//! Nothing here knows any word: a spelling is undone for its form alone, and wherever it occurs.

use std::borrow::Cow;

use super::repeats::written_once;

/// Letters parted by spaces are a word if there are at least this many of them in a row, and so are letters within a word that
/// are parted by dots, hyphens, underscores, asterisks or middle dots.
const MIN_PARTED_LETTERS: usize = 3;

/// More figures in a row are a number.
const MAX_FIGURES_IN_A_ROW: usize = 2;

/// Longer words are names, addresses or keys rather than words with figures for letters, in characters.
const MAX_FIGURED_CHARS: usize = 20;

/// Cyrillic and Greek letters, and in the same order the Latin ones that they look like.
const LOOKALIKES: (&str, &str) =
    ("асеіјорѕхуАВСЕНІЈКМОРЅТХУαεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aceijopsxyABCEHIJKMOPSTXYaeikvoptuxABEZHIKMNOPTYX");

/// How many words, from the first on, are single letters that make up one disguised word; 0 if they are too few.
pub(super) fn parted_letters<'a>(words: impl Iterator<Item = &'a str>) -> usize {
    let mut count = 0;
    for word in words {
        let Some(rest) = word.strip_prefix(is_letter).filter(|rest| rest.chars().all(is_mark)) else {
            break;
        };
        count += 1;
        if !rest.is_empty() {
            break;
        }
    }
    if count >= MIN_PARTED_LETTERS { count } else { 0 }
}

/// What may follow the last letter.
const fn is_mark(c: char) -> bool {
    c.is_ascii_punctuation() || matches!(c, '،' | '؛' | '؟' | '、' | '。' | '»' | '”' | '…')
}

/// Letters of the scripts of the declared languages, none of which combines with what stands before it.
pub(super) const fn is_letter(c: char) -> bool {
    is_alphabetic(c) || matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}')
}

/// Letters of scripts that write sounds.
pub(super) const fn is_alphabetic(c: char) -> bool {
    is_latin(c) || is_cyrillic_or_greek(c) || matches!(c, '\u{620}'..='\u{64A}' | '\u{671}'..='\u{6D3}')
}

/// Whether a word could be one of [`parted_letters`]; false for most words, at their second character.
pub(super) fn may_be_parted_letter(word: &str) -> bool {
    let first = word.chars().next().map_or(0, char::len_utf8);
    // In the second half no byte begins a mark.
    !matches!(word.as_bytes().get(first), Some(b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | 0xC3..=0xD7 | 0xD9..=0xDF | 0xE4..))
}

/// Kinds of characters that disguised words have, by the first byte of their UTF-8; of others with the same byte too.
const LATIN: u8 = 1;
const LOOKALIKE: u8 = 2;
const FIGURE: u8 = 4;
const PART: u8 = 8;

const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        kinds[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | 0xC3..=0xC9 => LATIN,
            0xCE..=0xD3 => LOOKALIKE,
            b'0' | b'1' | b'3' | b'4' | b'5' | b'7' | b'@' | b'$' => FIGURE,
            b'.' | b'-' | b'_' | b'*' | 0xC2 => PART,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// Whether a word has what [`plain_spelling`] looks for, but for repeated letters; false for most words, from a look or two at each byte.
pub(super) fn may_be_disguised(word: &str) -> bool {
    let kinds = |byte| KINDS[usize::from(byte)];
    let all = word.bytes().fold(0, |all, byte| all | kinds(byte));
    let is_parted = || word.bytes().filter(|&byte| kinds(byte) & PART > 0).count() >= MIN_PARTED_LETTERS - 1;
    (all & LATIN > 0 && all & (LOOKALIKE | FIGURE) > 0) || (all & PART > 0 && is_parted())
}

/// The plain spelling of a word; none if it is plain.
pub(super) fn plain_spelling(word: &str) -> Option<String> {
    let mut spelling = Cow::Borrowed(word);
    // Letters for figures can be a third in a row, and a word with repeats can be too long for them.
    for undone in [without_parts, in_one_script, written_once, with_letters_for_figures, written_once] {
        if let Some(plain) = undone(&spelling) {
            spelling = Cow::Owned(plain);
        }
    }
    match spelling {
        Cow::Owned(plain) => Some(plain),
        Cow::Borrowed(_) => None,
    }
}

/// `v.o.t.e` without its dots.
fn without_parts(word: &str) -> Option<String> {
    let is_part = |c: char| matches!(c, '.' | '-' | '_' | '*' | '·');
    let (start, end) = (word.find(is_letter)?, word.rfind(is_letter)?);
    let last = word[end..].chars().next()?;
    let core = &word[start..end + last.len_utf8()];
    let is_parted = core.chars().enumerate().all(|(i, c)| if i % 2 == 0 { is_letter(c) } else { is_part(c) });
    if !is_parted || core.chars().count() < 2 * MIN_PARTED_LETTERS - 1 {
        return None;
    }
    let letters: String = core.chars().step_by(2).collect();
    Some([&word[..start], &letters, &word[start + core.len()..]].concat())
}

/// A word of two scripts whose letters of the one look like letters of the other, in the other.
fn in_one_script(word: &str) -> Option<String> {
    if word.is_ascii() || !word.chars().any(is_latin) || !word.chars().any(is_cyrillic_or_greek) {
        return None;
    }
    let pairs = || LOOKALIKES.0.chars().zip(LOOKALIKES.1.chars());
    let to_latin = |c| pairs().find(|&(foreign, _)| foreign == c).map(|(_, latin)| latin);
    let to_cyrillic = |c| pairs().find(|&(foreign, latin)| latin == c && is_cyrillic(foreign)).map(|(foreign, _)| foreign);
    let all_latin: Option<String> = word.chars().map(|c| if is_cyrillic_or_greek(c) { to_latin(c) } else { Some(c) }).collect();
    all_latin.or_else(|| word.chars().map(|c| if is_latin(c) { to_cyrillic(c) } else { Some(c) }).collect())
}

const fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{24F}')
}

const fn is_cyrillic(c: char) -> bool {
    matches!(c, '\u{400}'..='\u{481}' | '\u{48A}'..='\u{4FF}')
}

const fn is_cyrillic_or_greek(c: char) -> bool {
    is_cyrillic(c) || matches!(c, '\u{391}'..='\u{3C9}')
}

/// `m33t` with letters for its figures. A word counts if figures stand between letters of it, and nothing else does.
fn with_letters_for_figures(word: &str) -> Option<String> {
    let is_figure = |c: char| letter_of(c).is_some();
    // Nearly every word leaves here.
    if !word.chars().any(is_figure) {
        return None;
    }
    let is_inner = |c: char| is_latin(c) || is_figure(c);
    let (start, last) = (word.find(is_inner)?, word.rfind(is_inner)?);
    let end = last + word[last..].chars().next()?.len_utf8();
    let core = &word[start..end];
    let (mut letters, mut figures, mut in_a_row) = (0, 0, 0);
    let (mut behind_letter, mut between) = (false, false);
    for c in core.chars() {
        if is_latin(c) {
            letters += 1;
            between |= behind_letter && in_a_row > 0;
            (behind_letter, in_a_row) = (true, 0);
        } else if is_figure(c) {
            figures += 1;
            in_a_row += 1;
        } else if matches!(c, '\'' | '’' | '-') {
            (behind_letter, in_a_row) = (false, 0);
        } else {
            return None;
        }
        if in_a_row > MAX_FIGURES_IN_A_ROW {
            return None;
        }
    }
    if !between || letters < figures || letters + figures > MAX_FIGURED_CHARS || word.starts_with('@') {
        return None;
    }
    let in_capitals = !core.chars().any(char::is_lowercase);
    let plain: String = core
        .chars()
        .map(|c| letter_of(c).map_or(c, |letter| if in_capitals { letter.to_ascii_uppercase() } else { letter }))
        .collect();
    Some([&word[..start], &plain, &word[end..]].concat())
}

const fn letter_of(figure: char) -> Option<char> {
    match figure {
        '0' => Some('o'),
        '1' => Some('i'),
        '3' => Some('e'),
        '4' | '@' => Some('a'),
        '5' | '$' => Some('s'),
        '7' => Some('t'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::repeats::may_be_repeated;
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn quick_looks_miss_no_disguise(
            word in "([a-d]{1,4})?[a-dA-Zßéа-вΑ-Γάжقك城0-9@$.,;:'’·*_،؛؟、。»”…-]{1,12}",
            others in prop::collection::vec("[a-zéд城][.،”]?", 0..6),
        ) {
            if plain_spelling(&word).is_some() {
                prop_assert!(may_be_disguised(&word) || may_be_repeated(word.as_bytes()));
            }
            let words = std::iter::once(&word).chain(&others).map(String::as_str);
            if parted_letters(words) > 0 {
                prop_assert!(may_be_parted_letter(&word));
            }
        }
    }
}
