//! Whole documents, from their text to their scores. The classifier is open, and has met the words.

use std::hint::black_box;

use bellwether::{Classifier, Mode};
use bellwether_benches::checkout;
use bellwether_benches::generated_text::TextGenerator;
use bellwether_benches::token_length::text_of;
use gungraun::library_benchmark;

use crate::baseline::held_to_baseline;

/// A classifier, which is handed back so that closing it is not counted, and texts.
type Opened = (Classifier, Vec<String>);

fn opened(mode: Mode, documents: usize, tokens: usize) -> Opened {
    let (classifier, tokenizer) = (checkout::classifier(mode), checkout::tokenizer());
    let mut generator = TextGenerator::new(4);
    let texts: Vec<String> = (0..documents).map(|_| text_of(tokens, &mut generator, &tokenizer)).collect();
    classify_all(&classifier, &texts);
    (classifier, texts)
}

fn classify_all(classifier: &Classifier, texts: &[String]) {
    for text in texts {
        let _ = black_box(classifier.classify(black_box(text)).expect("no text is empty"));
    }
}

#[library_benchmark]
#[bench::short(args = (opened(Mode::Gate, 50, 64)), config = held_to_baseline("classify_by_gate.short"))]
#[bench::long(args = (opened(Mode::Gate, 1, 8192)), config = held_to_baseline("classify_by_gate.long"))]
fn classify_by_gate((classifier, texts): Opened) -> Opened {
    classify_all(&classifier, &texts);
    (classifier, texts)
}

#[library_benchmark]
#[bench::short(args = (opened(Mode::Student, 10, 16)), config = held_to_baseline("classify_by_student.short"))]
fn classify_by_student((classifier, texts): Opened) -> Opened {
    classify_all(&classifier, &texts);
    (classifier, texts)
}

#[library_benchmark]
#[bench::short(args = (opened(Mode::Encoder, 1, 16)), config = held_to_baseline("classify_by_encoder.short"))]
fn classify_by_encoder((classifier, texts): Opened) -> Opened {
    classify_all(&classifier, &texts);
    (classifier, texts)
}
