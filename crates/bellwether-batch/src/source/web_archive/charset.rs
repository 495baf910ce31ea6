//! The characters of a page, whatever it says its charset is.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How many bytes of a page are searched for a charset that it states itself.
const SEARCHED_BYTES: usize = 8 << 10;

/// Among so many characters outside ASCII one may be undecodable; with more, the stated charset is wrong.
const CHARACTERS_PER_ERROR: usize = 10;

/// How many bytes are looked at to guess a charset.
const GUESSED_BYTES: usize = 256 << 10;

/// Decodes a page. In this order, what fits is believed: a byte order mark; that bytes outside ASCII are valid UTF-8,
/// which no other charset's are but by a rare chance; the charset that HTTP states; the one that the page states; a guess.
///
/// The WHATWG's Encoding and HTML standards believe HTTP before the bytes; archived pages show that servers often state a
/// default of theirs that is wrong.
pub(super) fn decode<'a>(page: &'a [u8], http: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(page) {
        return encoding.decode_without_bom_handling(&page[mark..]).0;
    }
    let stated = [http.and_then(of_label), stated_within(page)];
    if !page.is_ascii()
        && let Ok(text) = str::from_utf8(page)
        && !stated.contains(&Some(UTF_16LE))
        && !stated.contains(&Some(UTF_16BE))
    {
        return text.into();
    }
    for encoding in stated.into_iter().flatten() {
        let (text, has_errors) = encoding.decode_without_bom_handling(page);
        if !has_errors || fits(&text) {
            return text;
        }
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&page[..page.len().min(GUESSED_BYTES)], true);
    detector.guess(None, Utf8Detection::Allow).decode_without_bom_handling(page).0
}

fn of_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label.as_bytes())
}

fn fits(text: &str) -> bool {
    let outside = text.chars().filter(|character| !character.is_ascii()).count();
    let errors = text.chars().filter(|&character| character == char::REPLACEMENT_CHARACTER).count();
    errors * CHARACTERS_PER_ERROR <= outside
}

/// The charset that a `meta` element or an XML declaration at the beginning of a page states.
fn stated_within(page: &[u8]) -> Option<&'static Encoding> {
    let mut rest = &page[..page.len().min(SEARCHED_BYTES)];
    if rest.starts_with(b"<?xml") {
        let declaration = &rest[..memchr::memchr(b'>', rest)?];
        if let Some(encoding) = label_behind(declaration, b"encoding").and_then(of_label) {
            return Some(encoding);
        }
    }
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = &rest[at + 1..];
        if rest.starts_with(b"!--") {
            rest = &rest[memchr::memmem::find(rest, b"-->")?..];
        } else if rest.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"meta")) {
            let tag = &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())];
            if let Some(encoding) = label_behind(tag, b"charset").and_then(of_label) {
                // The page was read as ASCII up to here, so it cannot be what it says.
                return Some(if [UTF_16LE, UTF_16BE].contains(&encoding) { UTF_8 } else { encoding });
            }
        }
    }
    None
}

/// The value behind `name` and an equals sign, with or without quotation marks.
fn label_behind<'a>(tag: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let at = tag.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name))?;
    let value = tag[at + name.len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let end = value.iter().position(|byte| matches!(byte, b'"' | b'\'' | b';' | b'/') || byte.is_ascii_whitespace());
    str::from_utf8(&value[..end.unwrap_or(value.len())]).ok()
}
