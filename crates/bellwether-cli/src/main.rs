//! The `bellwether` command: scores online text by the terrorist uses of the internet, for human review.

mod arguments;
mod classifier;
mod evaluate;
mod exit;
mod input_patterns;
mod logs;
mod model;
mod model_location;
mod output;
mod progress;
mod score;
mod stop;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Score(arguments) => score::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Model(arguments) => model::run(&arguments),
    };
    result.unwrap_or_else(|fatal| fatal.report()).into()
}
