//! Places inside words that no token reaches across.

use super::definition::Model;

/// In the place of the id of a character that is no [`Boundaries::mark`].
const NO_MARK: u32 = u32::MAX;

/// Where a word can be cut before it is tokenized, because no token of the vocabulary holds both characters that stand there.
///
/// Most tokens are letters alone or signs alone. So `word,` is `word` and `,` whatever else there is, and a thread that remembers
/// the one need not tokenize the other.
pub(super) struct Boundaries {
    /// Neighbours in some token, of which one at least is a sign. Sorted.
    joined: Vec<(char, char)>,
    /// Signs that are tokens by themselves. Sorted.
    alone: Vec<char>,
    /// For each ASCII character its token, if it is such a sign, and no token has it behind a letter.
    marks: [u32; 128],
}

/// Whether a character is punctuation or a symbol of the scripts that are read most. Nothing depends on completeness: at other
/// characters a word is not cut.
const fn is_sign(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{A1}'..='\u{BF}' | '\u{60C}' | '\u{61B}' | '\u{61F}' | '\u{6D4}' | '\u{2010}'..='\u{27BF}'
            | '\u{3001}'..='\u{303F}')
}

/// Whether the UTF-8 of a sign may begin with a byte.
const MAY_BEGIN_SIGN: [bool; 256] = {
    let mut may = [false; 256];
    let mut byte = 0;
    while byte < may.len() {
        may[byte] = (byte as u8).is_ascii_punctuation() || matches!(byte, 0xC2 | 0xD8 | 0xDB | 0xE2 | 0xE3);
        byte += 1;
    }
    may
};

impl Boundaries {
    /// Looks through a vocabulary; `is_text` tells which tokens stand for text.
    pub(super) fn new(model: &Model, is_text: impl Fn(u32) -> bool) -> Self {
        let (mut joined, mut alone, mut marks) = (Vec::new(), Vec::new(), [NO_MARK; 128]);
        for (token, id) in model.vocab.iter().map(|(token, _)| token).zip(0_u32..) {
            let mut chars = token.chars();
            let Some(mut before) = chars.next() else { continue };
            if chars.as_str().is_empty() && is_sign(before) && is_text(id) {
                alone.push(before);
                if let Some(mark) = marks.get_mut(before as usize) {
                    *mark = id;
                }
            }
            for after in chars {
                if is_sign(before) || is_sign(after) {
                    joined.push((before, after));
                }
                before = after;
            }
        }
        joined.sort_unstable();
        joined.dedup();
        alone.sort_unstable();
        for &(before, after) in &joined {
            if let Some(mark) = marks.get_mut(after as usize).filter(|_| before.is_alphabetic()) {
                *mark = NO_MARK;
            }
        }
        Self { joined, alone, marks }
    }

    /// The token of the sign that a word ends with, if the letter before it belongs to another token; the sign has one byte.
    pub(super) fn mark(&self, word: &str) -> Option<u32> {
        let (&last, rest) = word.as_bytes().split_last()?;
        let id = *self.marks.get(usize::from(last)).filter(|&&id| id != NO_MARK)?;
        let is_behind_letter = match rest.last()? {
            before if before.is_ascii() => before.is_ascii_alphabetic(),
            _ => word[..rest.len()].ends_with(char::is_alphabetic),
        };
        is_behind_letter.then_some(id)
    }

    /// Where the first piece of a word ends: the word's end, if nothing parts it.
    pub(super) fn first(&self, word: &str) -> usize {
        let mut at = 0;
        while let Some(offset) = word.as_bytes()[at..].iter().position(|&byte| MAY_BEGIN_SIGN[usize::from(byte)]) {
            let start = at + offset;
            let mut behind = word[start..].chars();
            let sign = behind.next().filter(|&c| is_sign(c));
            at = word.len() - behind.as_str().len();
            if let Some(sign) = sign {
                if word[..start].chars().next_back().is_some_and(|before| self.parts(before, sign)) {
                    return start;
                }
                if behind.next().is_some_and(|after| self.parts(sign, after)) {
                    return at;
                }
            }
        }
        word.len()
    }

    /// Whether no token holds these neighbours. Unknown characters in a row are one token, so one of the two must be known.
    fn parts(&self, before: char, after: char) -> bool {
        let is_alone = |c| self.alone.binary_search(&c).is_ok();
        (is_alone(before) || is_alone(after)) && self.joined.binary_search(&(before, after)).is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_of_every_sign_is_known() {
        for sign in ('\0'..=char::MAX).filter(|&c| is_sign(c)) {
            assert!(MAY_BEGIN_SIGN[usize::from(sign.to_string().as_bytes()[0])], "{sign:?}");
        }
    }
}
