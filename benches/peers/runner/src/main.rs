//! One contender, loaded once, that scores files of texts as it is told: a line of JSON in, a line of JSON out.
//!
//!     bellwether-peers-runner bellwether MODEL_FOLDER MODE
//!     bellwether-peers-runner model2vec MODEL_FOLDER [HEAD_FILE]
//!
//! Only scoring is timed: files are read, and parsed, before; scores are written after. One thread scores.

mod contender;
mod order;
mod static_vectors;
mod texts;

use std::io::{self, BufRead, Write};

use contender::{Contender, Modes};
use order::Order;
use static_vectors::StaticVectors;
use texts::Texts;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let contender: Box<dyn Contender> = match arguments[..] {
        ["bellwether", folder, mode] => Box::new(Modes::open(folder, mode.parse()?)?),
        ["model2vec", folder] => Box::new(StaticVectors::open(folder, None)?),
        ["model2vec", folder, head] => Box::new(StaticVectors::open(folder, Some(head))?),
        _ => return Err("usage: bellwether-peers-runner bellwether FOLDER MODE | model2vec FOLDER [HEAD]".into()),
    };
    let mut texts = Texts::default();
    println!("{}", serde_json::json!({ "ready": contender.description() }));
    io::stdout().flush()?;
    for line in io::stdin().lock().lines() {
        let order: Order = serde_json::from_str(&line?)?;
        let report = order.carry_out(contender.as_ref(), &mut texts)?;
        println!("{}", serde_json::to_string(&report)?);
        io::stdout().flush()?;
    }
    Ok(())
}
