//! Pseudonyms, and that redacting again changes nothing.

#![no_main]

use std::sync::LazyLock;

use bellwether_batch::Redactor;
use libfuzzer_sys::fuzz_target;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(b"a key for the fuzzer").unwrap());

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let once = REDACTOR.redact(&text);
    assert_eq!(REDACTOR.redact(&once), once, "{text:?}");
});
