//! The tag that an HTML tokenizer is in.

/// Where in a tag the tokenizer is (the HTML standard, 13.2.5.8 and 13.2.5.32 to 13.2.5.39).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In its name, or behind a value: an attribute may begin.
    Between,
    Name,
    /// Behind the equals sign.
    BeforeValue,
    Value,
    Quoted(u8),
}

/// What stands behind a `<` and has not become a token yet: a tag, or what is none, such as a comment.
///
/// The tokenizer compares every attribute of a tag with all others of it, and tells nobody before the tag ends, so they are
/// counted here while it is in the tag.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OpenTag {
    /// None before the first character, and in what is no tag.
    state: Option<State>,
    /// Whether this is known to be a comment or another thing without attributes.
    is_other: bool,
    pub(super) attributes: usize,
    pub(super) bytes: usize,
}

impl OpenTag {
    /// Goes on behind the `<`, or where it left off.
    pub(super) fn read(&mut self, text: &[u8]) {
        for &byte in text {
            if self.is_other {
                return;
            }
            self.bytes += 1;
            let Some(state) = self.state else {
                match byte {
                    b'/' if self.bytes == 1 => {}
                    byte if byte.is_ascii_alphabetic() => self.state = Some(State::Name),
                    _ => self.is_other = true,
                }
                continue;
            };
            self.state = Some(match (state, byte) {
                (State::Quoted(mark), byte) if mark == byte => State::Between,
                (State::Quoted(_), _) => state,
                (State::BeforeValue, b'"' | b'\'') => State::Quoted(byte),
                (State::BeforeValue, byte) if byte.is_ascii_whitespace() => state,
                (_, byte) if byte.is_ascii_whitespace() => State::Between,
                (State::BeforeValue | State::Value, b'>') | (State::Name | State::Between, b'/' | b'>') => State::Between,
                (State::BeforeValue | State::Value, _) => State::Value,
                (State::Name | State::Between, b'=') if self.attributes > 0 => State::BeforeValue,
                (State::Name, _) => State::Name,
                (State::Between, _) => {
                    self.attributes += 1;
                    State::Name
                }
            });
        }
    }
}
