//! Decimal digits, in many scripts.

/// The zeros of scripts in which telephone numbers are written; in each the other digits stand behind the zero.
const ZEROS: [char; 18] = [
    '0', '\u{0660}', '\u{06f0}', '\u{07c0}', '\u{0966}', '\u{09e6}', '\u{0a66}', '\u{0ae6}', '\u{0b66}', '\u{0be6}', '\u{0c66}',
    '\u{0ce6}', '\u{0d66}', '\u{0e50}', '\u{0ed0}', '\u{0f20}', '\u{1040}', '\u{ff10}',
];

/// The ASCII digit that has the value of a character.
pub(super) fn ascii_digit(char: char) -> Option<char> {
    if char.is_ascii() {
        return char.is_ascii_digit().then_some(char);
    }
    let value = ZEROS.iter().find_map(|&zero| u32::from(char).checked_sub(zero.into()).filter(|&value| value < 10))?;
    char::from_digit(value, 10)
}
