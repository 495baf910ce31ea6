//! How long one document takes, as whoever waits for it sees it: the median, and what the slowest calls take.
//!
//!     cargo bench -p bellwether-benches --bench single_document_latency
//!
//! Criterion gives means; here every call is measured by itself, one at a time, with the model loaded and warm. The calls of a
//! row go through different documents of one length.

#![allow(clippy::print_stdout, reason = "the table is the result")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use bellwether::{Classifier, Mode};
use bellwether_benches::checkout;
use bellwether_benches::generated_text::TextGenerator;
use bellwether_benches::input_digest::announce_texts;
use bellwether_benches::token_length::{TOKEN_LENGTHS, text_of};

/// Documents of one length.
const DOCUMENTS: usize = 25;

/// How often to measure.
struct Effort {
    fewest_calls: usize,
    most_calls: usize,
    /// No call begins later than this after the first, unless there are too few.
    time: Duration,
}

/// Below a hundred calls, the 99th percentile would be the slowest call.
const FULL: Effort = Effort { fewest_calls: 200, most_calls: 5000, time: Duration::from_secs(8) };

/// As little as proves that it runs.
const TRIAL: Effort = Effort { fewest_calls: 2, most_calls: 2, time: Duration::ZERO };

fn main() {
    let effort = if std::env::args().any(|argument| argument == "--test") { TRIAL } else { FULL };
    let tokenizer = checkout::tokenizer();
    let mut generator = TextGenerator::new(9);
    let inputs = TOKEN_LENGTHS.map(|tokens| {
        let texts: Vec<String> = (0..DOCUMENTS).map(|_| text_of(tokens, &mut generator, &tokenizer)).collect();
        announce_texts(&format!("latency/{tokens} tokens"), texts.iter().map(String::as_str));
        (tokens, texts)
    });
    println!("{:<8} {:>6} {:>6} {:>10} {:>10} {:>10}", "mode", "tokens", "calls", "p50 ms", "p95 ms", "p99 ms");
    for mode in Mode::ALL {
        let classifier = checkout::classifier(mode);
        for (tokens, texts) in &inputs {
            let times = measure(&classifier, texts, &effort);
            let [p50, p95, p99] = [50, 95, 99].map(|percent| percentile(&times, percent).as_secs_f64() * 1e3);
            println!("{:<8} {tokens:>6} {:>6} {p50:>10.3} {p95:>10.3} {p99:>10.3}", mode.name(), times.len());
        }
    }
}

/// The times of single calls, from the shortest to the longest.
fn measure(classifier: &Classifier, texts: &[String], effort: &Effort) -> Vec<Duration> {
    for text in texts.iter().take(effort.fewest_calls) {
        classify(classifier, text);
    }
    let begin = Instant::now();
    let mut times = Vec::with_capacity(effort.most_calls);
    for text in texts.iter().cycle().take(effort.most_calls) {
        if times.len() >= effort.fewest_calls && begin.elapsed() > effort.time {
            break;
        }
        let begin = Instant::now();
        classify(classifier, text);
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    times
}

fn classify(classifier: &Classifier, text: &str) {
    black_box(classifier.classify(black_box(text))).expect("no text is empty");
}

/// The shortest time that at least so many percent of the times do not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent).div_ceil(100) - 1]
}
