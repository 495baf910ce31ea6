//! Documents out of JSON lines, scored by the gate, into JSON lines, all of it on one thread.

use std::io::Cursor;

use bellwether::{Classifier, Mode};
use bellwether_batch::sink::{OutputFormat, RunMetadata, Sink};
use bellwether_batch::source::{Format, Reader};
use bellwether_batch::{Disclosure, ScoredDocument};
use bellwether_benches::checkout;
use bellwether_benches::generated_file;
use bellwether_benches::generated_text::TextGenerator;
use gungraun::library_benchmark;

use crate::baseline::held_to_baseline;

const DOCUMENTS: usize = 100;

fn generated() -> (Classifier, Vec<u8>) {
    (checkout::classifier(Mode::Gate), generated_file::json_lines(&TextGenerator::new(7).documents(DOCUMENTS)))
}

#[library_benchmark]
#[bench::generated(args = (generated()), config = held_to_baseline("score_json_lines.generated"))]
fn score_json_lines((classifier, lines): (Classifier, Vec<u8>)) -> (Classifier, Vec<u8>) {
    let metadata = RunMetadata::new(&classifier, &Disclosure::default());
    let mut sink = Sink::new(OutputFormat::JsonLines(None), &metadata, Vec::new()).expect("memory takes all");
    for document in Reader::default().read_seekable(Format::JsonLines, "documents", Cursor::new(lines)) {
        sink.write(&ScoredDocument::score(&classifier, document)).expect("memory takes all");
    }
    let scores = sink.finish().expect("memory takes all");
    (classifier, scores)
}
