//! Web archives as they are; what is compressed is recognised.

#![no_main]

use bellwether_batch::source::Format;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| reading::read_bytes(Format::WebArchive, bytes));
