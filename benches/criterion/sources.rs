//! The same documents out of files of every format, which are in memory.

use std::io::Cursor;
use std::sync::Arc;

use bellwether_batch::source::{Format, Reader};
use bellwether_benches::generated_file::{
    comma_separated, gzip, json_lines, parquet, plain_text, tab_separated, warc, wet, zstandard,
};
use bellwether_benches::generated_text::TextGenerator;
use bellwether_benches::input_digest::announce;
use criterion::{Criterion, SamplingMode, Throughput};

const DOCUMENTS: usize = 500;

pub(crate) fn bench(criterion: &mut Criterion) {
    let texts = TextGenerator::new(8).documents(DOCUMENTS);
    let lines = json_lines(&texts);
    let files = [
        ("json lines, gzip", Format::JsonLines, gzip(&lines).expect("gzip takes any bytes")),
        ("json lines, zstandard", Format::JsonLines, zstandard(&lines)),
        ("json lines", Format::JsonLines, lines),
        ("plain text", Format::PlainText, plain_text(&texts)),
        ("csv", Format::CommaSeparated, comma_separated(&texts)),
        ("tsv", Format::TabSeparated, tab_separated(&texts)),
        ("parquet", Format::Parquet, parquet(&texts).expect("a table of texts can be written")),
        ("warc", Format::WebArchive, warc(&texts)),
        ("wet", Format::WebArchive, wet(&texts)),
    ];
    // Of the texts, not of the files: so the rates of the formats can be compared.
    let text_bytes = texts.iter().map(String::len).sum::<usize>() as u64;
    let mut group = criterion.benchmark_group("sources");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::ElementsAndBytes { elements: DOCUMENTS as u64, bytes: text_bytes });
    for (name, format, bytes) in files {
        announce(&format!("sources/{name}"), &bytes);
        let bytes: Arc<[u8]> = bytes.into();
        let read = || {
            let documents = Reader::default().read_seekable(format, name, Cursor::new(Arc::clone(&bytes)));
            documents.map(|document| document.expect("each record is a document").text.len()).sum::<usize>()
        };
        assert!(read() >= text_bytes as usize, "{name}: part of the texts is missing");
        group.bench_function(name, |bencher| bencher.iter(read));
    }
    group.finish();
}
