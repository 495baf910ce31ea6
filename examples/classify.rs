//! Classifies one text and says why.
//!
//!     cargo run --release -p bellwether-examples --example classify -- "Some text"

use bellwether::{Classifier, Error};
use bellwether_examples::shipped_model;

fn main() -> Result<(), Error> {
    let text = std::env::args().nth(1).unwrap_or_else(|| "Send what you can for the fighters of the Northern Column.".to_owned());
    let classifier = Classifier::open(shipped_model())?;
    let result = classifier.classify(&text)?;
    for (category, score) in result.scores().iter() {
        println!("{category:<15}{score:.4}");
    }
    println!("{:<15}{}", "context", result.context().most_probable());
    for evidence in result.evidence() {
        println!("flagged for {}: {:?}", evidence.label, &text[evidence.range()]);
    }
    Ok(())
}
