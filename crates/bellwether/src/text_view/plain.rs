//! Characters that the view leaves as they are, whatever stands around them.

/// Whether a byte is ASCII white space or an ASCII control character.
pub(super) const fn is_blank_byte(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7F
}

/// Whether a character is ASCII white space or an ASCII control character.
pub(super) const fn is_blank(c: char) -> bool {
    c <= ' ' || c == '\u{7F}'
}

/// Whether a character beyond ASCII is a visible one that normalisation neither changes nor combines with another: the letters
/// of the declared languages, and signs that often stand between them. Most such characters, not all.
const fn is_plain(c: char) -> bool {
    matches!(c,
        '\u{A1}'..='\u{A7}' | '\u{AB}' | '\u{B0}' | '\u{B7}' | '\u{BB}' | '\u{BF}'..='\u{131}' | '\u{134}'..='\u{13E}'
        | '\u{141}'..='\u{148}' | '\u{14A}'..='\u{17E}' | '\u{391}'..='\u{3A1}' | '\u{3A3}'..='\u{3CE}'
        | '\u{400}'..='\u{481}' | '\u{48A}'..='\u{52F}' | '\u{60C}' | '\u{61B}' | '\u{61F}'..='\u{63F}' | '\u{641}'..='\u{64A}'
        | '\u{660}'..='\u{66F}' | '\u{671}'..='\u{674}' | '\u{679}'..='\u{6D4}'
        | '\u{2013}' | '\u{2014}' | '\u{2018}'..='\u{201E}' | '\u{2022}' | '\u{20AC}'
        | '\u{3001}'..='\u{3002}' | '\u{3008}'..='\u{3011}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}'
        | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}')
}

/// How long the beginning of a text is that holds ASCII and plain characters alone, in bytes.
pub(super) fn prefix(text: &str) -> usize {
    let mut at = 0;
    loop {
        let (chunks, _) = text.as_bytes()[at..].as_chunks::<32>();
        at += 32 * chunks.iter().take_while(|chunk| chunk.is_ascii()).count();
        let Some(other) = text[at..].find(|c: char| !c.is_ascii()) else { return text.len() };
        at += other;
        let end = text[at..].find(|c: char| c.is_ascii() || !is_plain(c)).map_or(text.len(), |end| at + end);
        if !text[end..].starts_with(|c: char| c.is_ascii()) {
            return end;
        }
        at = end;
    }
}

/// Where the first white space is from a byte on that does not stay as it is: all but a single space between two words, which
/// cannot be the byte itself or the last.
pub(super) fn next_folded(bytes: &[u8], from: usize) -> Option<usize> {
    /// Bytes of which it is first asked whether any is such.
    const CHUNK: usize = 32;
    let rest = &bytes[from..];
    let (&first, next) = rest.split_first()?;
    if is_blank_byte(first) {
        return Some(from);
    }
    let (chunks, next_chunks) = (rest.as_chunks::<CHUNK>().0, next.as_chunks::<CHUNK>().0);
    let stays = |(here, next): &(&[u8; CHUNK], &[u8; CHUNK])| (0..CHUNK).fold(0, |any, i| any | folds(here[i], next[i])) == 0;
    let passed = CHUNK * chunks.iter().zip(next_chunks).take_while(stays).count();
    let next = next.iter().copied().chain([b' ']);
    let found = rest[passed..].iter().zip(next.skip(passed)).position(|(&byte, next)| folds(byte, next) > 0)?;
    Some(from + passed + found)
}

/// 1 for white space, but for a space with something visible behind it. Written without branches, so that many bytes are looked
/// at together.
fn folds(byte: u8, next: u8) -> u8 {
    let is_blank = |byte| u8::from(is_blank_byte(byte));
    is_blank(byte) & (u8::from(byte != b' ') | is_blank(next))
}

#[cfg(test)]
mod tests {
    use unicode_normalization::{IsNormalized, is_nfkc_quick};

    use super::super::{is_removed, starts_segment};
    use super::*;

    #[test]
    fn plain_characters_stay_and_stay_apart() {
        let mut count = 0;
        for c in ('\u{80}'..=char::MAX).filter(|&c| is_plain(c)) {
            count += 1;
            assert!(!is_removed(c) && !c.is_whitespace() && !c.is_control(), "{c:?}");
            assert!(starts_segment(c), "{c:?} may combine with what stands before it");
            assert_eq!(is_nfkc_quick(std::iter::once(c)), IsNormalized::Yes, "{c:?}");
        }
        assert!(count > 30_000);
    }

    #[test]
    fn no_character_combines_with_white_space_before_it() {
        for blank in ('\0'..='\u{7F}').filter(|&c| is_blank(c)) {
            for c in '\0'..=char::MAX {
                assert_eq!(unicode_normalization::char::compose(blank, c), None, "{blank:?} {c:?}");
            }
        }
    }

    #[test]
    fn a_prefix_ends_before_the_first_other_character() {
        for plain in ["", "a", "ascii alone, and more of it than one chunk holds", "é", "mixed дом \u{4E2D} end", "x\ty\n"] {
            assert_eq!(prefix(plain), plain.len(), "{plain:?}");
            for other in ['\u{301}', '\u{200B}', '\u{FB01}', '\u{A0}'] {
                assert_eq!(prefix(&format!("{plain}{other}plain")), plain.len(), "{plain:?}");
            }
        }
    }
}
