//! Web archives of gzip members. Compressing the pieces here lets the fuzzer change what is in them.

#![no_main]

use std::io::Write;

use bellwether_batch::source::Format;
use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;

/// Where one member ends and the next begins.
const BETWEEN: u8 = 0xff;

fuzz_target!(|bytes: &[u8]| {
    let mut archive = Vec::new();
    for content in bytes.split(|&byte| byte == BETWEEN) {
        let mut member = GzEncoder::new(Vec::new(), Compression::none());
        member.write_all(content).expect("memory takes all");
        archive.extend(member.finish().expect("memory takes all"));
    }
    // The last byte cuts the archive off, as a download that ends too early does.
    let cut = bytes.last().map_or(0, |&byte| usize::from(byte) % 16);
    archive.truncate(archive.len() - cut.min(archive.len()));
    reading::read_bytes(Format::WebArchive, &archive);
});
