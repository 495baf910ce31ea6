//! What a benchmark ran on, so that two runs can be compared.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The SHA-256 of some bytes, in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

/// Prints the digest and the length of an input to standard error.
#[allow(clippy::print_stderr, reason = "that is what it is for")]
pub fn announce(name: &str, bytes: impl AsRef<[u8]>) {
    let bytes = bytes.as_ref();
    eprintln!("input {} {:>9} bytes  {name}", sha256(bytes), bytes.len());
}

/// Prints the digest of several texts together, each with a line end behind it.
pub fn announce_texts<'t>(name: &str, texts: impl IntoIterator<Item = &'t str>) {
    let lines: String = texts.into_iter().flat_map(|text| [text, "\n"]).collect();
    announce(name, lines);
}
