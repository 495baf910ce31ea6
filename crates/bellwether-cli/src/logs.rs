//! What the library tells of itself while it runs, on standard error.

use std::io;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use crate::exit::Fatal;
use crate::progress::Progress;

const DEFAULT: &str = "warn";

/// Sends logs that pass the filter to standard error, above the progress bar.
pub(crate) fn install(filter: Option<&str>, progress: &Progress) -> Result<(), Fatal> {
    let filter = filter.unwrap_or(DEFAULT);
    let targets: Targets = filter.parse().map_err(|error| {
        Fatal::new(format!("{filter:?} is no filter of logs: {error}; write a level (error, warn, info, debug) or target=level"))
    })?;
    let bar = progress.bar();
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || AboveBar(bar.clone()));
    tracing_subscriber::registry().with(lines.with_filter(targets)).init();
    Ok(())
}

/// Standard error, with the progress bar out of the way.
struct AboveBar(indicatif::ProgressBar);

impl io::Write for AboveBar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
