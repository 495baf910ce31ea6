//! Scores a vector of documents in parallel and sorts it by one category, for a reviewer to read from the top.
//!
//!     cargo run --release -p bellwether-examples --example rank

use std::error::Error;
use std::ops::ControlFlow;

use bellwether::{Category, Classifier};
use bellwether_batch::OrderedPool;
use bellwether_examples::shipped_model;

fn main() -> Result<(), Box<dyn Error>> {
    let documents = [
        "The school collects for new chairs.",
        "Give to the fighters of the Hill Front: every coin goes to the front line. Write to @stand.in77",
        "The court heard how the group had collected money for its fighters.",
        "Does anybody know a good recipe for lentil soup?",
    ];
    let classifier = Classifier::open(shipped_model())?;
    let mut scored = Vec::with_capacity(documents.len());
    let failed = OrderedPool::new(None)?.map(
        documents.iter(),
        |text| text.len(),
        |&text| classifier.classify(text).map(|result| (result.score(Category::Fundraising), text)),
        |result| match result {
            Ok(row) => {
                scored.push(row);
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(error),
        },
    );
    if let Some(error) = failed {
        return Err(error.into());
    }
    scored.sort_by(|(a, _), (b, _)| b.get().total_cmp(&a.get()));
    for (score, text) in scored {
        println!("{score:.4}  {text}");
    }
    Ok(())
}
