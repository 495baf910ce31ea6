//! Parquet files.

#![no_main]

use bellwether_batch::source::Format;
use libfuzzer_sys::fuzz_target;

// The parquet crate panics on some damaged values, which is caught and becomes an error; the hook that libFuzzer is
// given would end the process first. A panic that nobody catches still ends it.
fuzz_target!(init: std::panic::set_hook(Box::new(|_| ())), |bytes: &[u8]| reading::read_bytes(Format::Parquet, bytes));
