//! E-mail addresses and handles: what stands around an `@`.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::{Find, Kind};

/// The most characters of an address before its `@`, as RFC 5321 has it for bytes.
const MAX_LOCAL_CHARS: usize = 64;

/// The most characters behind an `@`, as RFC 1035 has it for names of hosts.
const MAX_NAME_CHARS: usize = 253;

/// The addresses in a part of a text, in their order.
pub(super) struct Addresses<'t> {
    text: &'t str,
    from: usize,
    end: usize,
}

impl<'t> Addresses<'t> {
    pub(super) fn new(text: &'t str, part: Range<usize>) -> Self {
        Self { text, from: part.start, end: part.end }
    }

    /// The address around an `@`, if there is a name behind it.
    fn around(&self, at: usize, sign: char) -> Option<Find> {
        let name_start = at + sign.len_utf8();
        let name_end = name_start + name_length(&self.text[name_start..self.end]);
        if name_end == name_start {
            return None;
        }
        let local = local_length(&self.text[self.from..at]);
        let kind = if local == 0 { Kind::Handle } else { Kind::Email };
        // `@anna@social.example`: the second half says where the handle is.
        let host = &self.text[name_end..self.end];
        let host_length = host.chars().next().filter(|&sign| kind == Kind::Handle && is_sign(sign)).map_or(0, |sign| {
            let length = name_length(&host[sign.len_utf8()..]);
            if length == 0 { 0 } else { sign.len_utf8() + length }
        });
        let range = at - local..name_end + host_length;
        let canonical = self.text[range.clone()].chars().map(|char| if is_sign(char) { '@' } else { char });
        Some(Find { kind, canonical: canonical.flat_map(char::to_lowercase).collect(), range })
    }
}

impl Iterator for Addresses<'_> {
    type Item = Find;

    fn next(&mut self) -> Option<Find> {
        let searched = self.from;
        let signs = self.text[searched..self.end].char_indices().filter(|&(_, char)| is_sign(char));
        let found = signs.into_iter().find_map(|(at, sign)| self.around(searched + at, sign));
        self.from = found.as_ref().map_or(self.end, |find| find.range.end);
        found
    }
}

/// The commercial at, also in its full-width and its small form.
const fn is_sign(char: char) -> bool {
    matches!(char, '@' | '＠' | '﹫')
}

/// With the marks and joiners that letters of many scripts are written with.
fn is_word(char: char) -> bool {
    char.is_alphanumeric() || is_combining_mark(char) || matches!(char, '_' | '\u{200c}' | '\u{200d}')
}

/// The bytes at the end of a text that can stand before the `@` of an e-mail address.
fn local_length(text: &str) -> usize {
    let is_local = |char: &char| is_word(*char) || matches!(char, '.' | '%' | '+' | '-' | '\'');
    let length = text.chars().rev().take(MAX_LOCAL_CHARS).take_while(is_local).map(char::len_utf8).sum();
    // `.@anna` and `-@anna` are handles.
    let (start, end) = (text.len() - length, text.len());
    if text[start..end].chars().any(is_word) { length } else { 0 }
}

/// The bytes at the start of a text that can stand behind an `@`: words with single dots or hyphens in between, of which there
/// are two in an international name in ASCII (`xn--…`).
fn name_length(text: &str) -> usize {
    let mut length = 0;
    let mut before = '.';
    for (at, char) in text.char_indices().take(MAX_NAME_CHARS) {
        let continues = match char {
            '.' => is_word(before),
            '-' => before != '.',
            _ => is_word(char),
        };
        if !continues {
            break;
        }
        if is_word(char) {
            length = at + char.len_utf8();
        }
        before = char;
    }
    length
}
