//! Pseudonyms in place of what names a person.
//!
//! A [`Redactor`] finds handles, e-mail addresses and telephone numbers and puts `<handle:…>`, `<email:…>` and `<phone:…>` in
//! their place, with 16 hexadecimal digits of a keyed hash. Under one key the same address has the same pseudonym in every
//! run, so that documents can still be joined; without the key nobody can try addresses out.
//!
//! It errs on the side of finding too much. What is taken for what:
//!
//! - Every `@` with a letter or digit behind it is a part of an address, whatever script it is in and also inside web
//!   addresses: with an address's first part before it an e-mail address (`anna@example.org`, `анна@пример.рф`), else a handle
//!   (`@anna`, `@anna@social.example`). So `logo@2x.png` is replaced as well.
//! - A telephone number is 7 to 15 digits with up to three spaces, dots, hyphens, slashes or brackets between them, in any of the
//!   scripts' digits, and `+` before them or not; without `+` and without anything between, 9 to 15 digits. Dates
//!   (`2024-05-18`, `18.05.2024`, `20240518015810`) and grouped numbers below nine digits (`1 000 000`) are none, nor are
//!   digits that touch an ASCII letter or `_`, as in identifiers and digests.
//!
//! It knows no names of people or places, and does not see addresses that are spelled out (`anna at example dot org`).

mod address;
mod digits;
mod telephone;

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use address::Addresses;

/// The shortest key, in bytes.
pub const MIN_KEY_BYTES: usize = 16;

/// The longest key, in bytes: a longer file is hardly meant to be one.
pub const MAX_KEY_BYTES: usize = 64 << 10;

/// The bytes of the hash that a pseudonym keeps, of which it shows each as two hexadecimal digits. Among a million
/// addresses, two have the same pseudonym with a probability of 3 in 100 million.
pub const PSEUDONYM_BYTES: usize = 8;

/// What is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Handle,
    Email,
    Phone,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Handle, Self::Email, Self::Phone];

    const fn name(self) -> &'static str {
        match self {
            Self::Handle => "handle",
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

/// Something to replace.
#[derive(Debug)]
struct Find {
    kind: Kind,
    range: Range<usize>,
    /// What is hashed: the same for all ways of writing it.
    canonical: String,
}

/// Replaces what names a person, under a key.
///
/// ```
/// use bellwether_batch::Redactor;
/// let redactor = Redactor::new(b"sixteen bytes or more of a secret")?;
/// let redacted = redactor.redact("Write to Anna@example.org before noon.");
/// assert!(redacted.starts_with("Write to <email:") && redacted.ends_with("> before noon."));
/// assert_eq!(redacted, redactor.redact("Write to anna@EXAMPLE.org before noon."));
/// assert_eq!(redacted, redactor.redact(&redacted));
/// # Ok::<(), bellwether_batch::RedactionKeyError>(())
/// ```
#[derive(Clone)]
pub struct Redactor {
    hash: Hmac<Sha256>,
}

/// A key that cannot be used.
#[derive(Debug)]
pub struct RedactionKeyError {
    path: Option<PathBuf>,
    kind: KeyErrorKind,
}

#[derive(Debug)]
enum KeyErrorKind {
    Unreadable(io::Error),
    TooShort(usize),
    TooLong,
}

impl Redactor {
    /// A redactor with this key, whose bytes are used as they are.
    ///
    /// # Errors
    /// If the key has fewer bytes than [`MIN_KEY_BYTES`] or more than [`MAX_KEY_BYTES`].
    pub fn new(key: &[u8]) -> Result<Self, RedactionKeyError> {
        let error = |kind| RedactionKeyError { path: None, kind };
        if key.len() < MIN_KEY_BYTES {
            return Err(error(KeyErrorKind::TooShort(key.len())));
        }
        if key.len() > MAX_KEY_BYTES {
            return Err(error(KeyErrorKind::TooLong));
        }
        Hmac::new_from_slice(key).map(|hash| Self { hash }).map_err(|_| error(KeyErrorKind::TooLong))
    }

    /// A redactor with the key that a file holds. White space at the end of the file is not part of it, so that an editor's
    /// line end changes no pseudonym.
    ///
    /// # Errors
    /// If the file cannot be read, or its key is too short or too long.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, RedactionKeyError> {
        let path = path.as_ref();
        let at_path = |kind| RedactionKeyError { path: Some(path.to_owned()), kind };
        let mut key = Vec::new();
        let file = File::open(path).map_err(|error| at_path(KeyErrorKind::Unreadable(error)))?;
        let limited = &mut file.take(MAX_KEY_BYTES as u64 + 1);
        limited.read_to_end(&mut key).map_err(|error| at_path(KeyErrorKind::Unreadable(error)))?;
        if key.len() > MAX_KEY_BYTES {
            return Err(at_path(KeyErrorKind::TooLong));
        }
        Self::new(key.trim_ascii_end()).map_err(|error| at_path(error.kind))
    }

    /// The text with pseudonyms. What is a pseudonym already stays one.
    #[must_use]
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let redacted = self.redact_mapped(text);
        if redacted.replaced.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(redacted.text) }
    }

    /// The text with pseudonyms, and where each stands.
    pub(crate) fn redact_mapped(&self, text: &str) -> Redacted {
        let mut redacted = Redacted { text: String::with_capacity(text.len()), replaced: Vec::new() };
        let mut copied = 0;
        for segment in segments(text) {
            for find in finds(text, segment) {
                redacted.text.push_str(&text[copied..find.range.start]);
                let start = redacted.text.len();
                redacted.text.push_str(&self.pseudonym(find.kind, &find.canonical));
                copied = find.range.end;
                redacted.replaced.push((find.range, start..redacted.text.len()));
            }
        }
        redacted.text.push_str(&text[copied..]);
        redacted
    }

    fn pseudonym(&self, kind: Kind, canonical: &str) -> String {
        format!("<{}:{}>", kind.name(), self.hexadecimal(kind.name(), canonical))
    }

    fn hexadecimal(&self, purpose: &str, words: &str) -> String {
        let mut hash = self.hash.clone();
        // Neither part can hold a zero byte of its own meaning: names of kinds do not, and come first.
        for part in [purpose.as_bytes(), b"\0", words.as_bytes()] {
            hash.update(part);
        }
        let hash: [u8; 32] = hash.finalize().into_bytes().into();
        let mut kept = [0; PSEUDONYM_BYTES];
        kept.copy_from_slice(&hash[..PSEUDONYM_BYTES]);
        format!("{:0width$x}", u64::from_be_bytes(kept), width = 2 * PSEUDONYM_BYTES)
    }
}

/// The method, and a fingerprint of the key: two runs that have the same one have the same pseudonyms.
impl fmt::Display for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hmac-sha256-{} key {}", PSEUDONYM_BYTES * 8, self.hexadecimal("key", ""))
    }
}

/// It does not show the key.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

/// A text with pseudonyms.
pub(crate) struct Redacted {
    pub(crate) text: String,
    /// What was replaced, in the original, and where its pseudonym stands.
    replaced: Vec<(Range<usize>, Range<usize>)>,
}

impl Redacted {
    /// Where a range of the original stands here. What was replaced counts as a whole, wherever the range cuts it.
    pub(crate) fn place(&self, original: Range<usize>) -> Range<usize> {
        self.position(original.start, |pseudonym| pseudonym.start)..self.position(original.end, |pseudonym| pseudonym.end)
    }

    fn position(&self, original: usize, inside: fn(&Range<usize>) -> usize) -> usize {
        let before = self.replaced.partition_point(|(replaced, _)| replaced.end <= original);
        if let Some((replaced, pseudonym)) = self.replaced.get(before)
            && replaced.start < original
        {
            return inside(pseudonym);
        }
        let (from, to) = before.checked_sub(1).map_or((0, 0), |last| {
            let (replaced, pseudonym) = &self.replaced[last];
            (replaced.end, pseudonym.end)
        });
        original - from + to
    }
}

/// The parts of a text between its pseudonyms.
///
/// Each is searched alone, as is what is left between what was found. So nothing depends on what stands beyond a
/// pseudonym, and redacting again finds nothing more.
fn segments(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    let mut pseudonyms = text.match_indices('<').filter_map(|(at, _)| Some(at..at + pseudonym_length(&text[at..])?));
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let Some(pseudonym) = pseudonyms.next() else {
            ended = true;
            return Some(from..text.len());
        };
        let segment = from..pseudonym.start;
        from = pseudonym.end;
        Some(segment)
    })
}

/// The bytes of the pseudonym that a text begins with.
fn pseudonym_length(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('<')?;
    let rest = Kind::ALL.iter().find_map(|kind| rest.strip_prefix(kind.name())?.strip_prefix(':'))?;
    let (digits, rest) = rest.as_bytes().split_at_checked(2 * PSEUDONYM_BYTES)?;
    let is_hash = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    (is_hash && rest.first() == Some(&b'>')).then(|| text.len() - rest.len() + 1)
}

/// What there is to replace in a part of a text without pseudonyms, in its order.
fn finds(text: &str, segment: Range<usize>) -> Vec<Find> {
    let mut finds = Vec::new();
    let mut from = segment.start;
    for address in Addresses::new(text, segment.clone()) {
        finds.extend(telephone::numbers(text, from..address.range.start));
        from = address.range.end;
        finds.push(address);
    }
    finds.extend(telephone::numbers(text, from..segment.end));
    finds
}

impl fmt::Display for RedactionKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.path.as_ref().map_or_else(String::new, |path| format!(" {}", path.display()));
        match &self.kind {
            KeyErrorKind::Unreadable(error) => write!(f, "cannot read the redaction key{name}: {error}"),
            KeyErrorKind::TooShort(bytes) => write!(
                f,
                "the redaction key{name} has {bytes} bytes, and needs at least {MIN_KEY_BYTES} that nobody can guess: take 32 from a source of randomness"
            ),
            KeyErrorKind::TooLong => write!(f, "the redaction key{name} has more bytes than the limit of {MAX_KEY_BYTES}"),
        }
    }
}

impl std::error::Error for RedactionKeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            KeyErrorKind::Unreadable(error) => Some(error),
            KeyErrorKind::TooShort(_) | KeyErrorKind::TooLong => None,
        }
    }
}
