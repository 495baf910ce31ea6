//! A progress bar on standard error, if somebody is there to see it.

use std::io::{self, IsTerminal};
use std::time::Duration;

use bellwether_batch::Summary;
use bellwether_batch::source::Input;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far a run is, by the bytes of its inputs.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over the sizes of the inputs, or a spinner if standard input is one of them.
    pub(crate) fn new(inputs: &[Input], quiet: bool) -> Self {
        if quiet || !io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden() };
        }
        let (bar, template) = match inputs.iter().map(Input::size).sum::<Option<u64>>() {
            Some(total) => (ProgressBar::new(total), "{wide_bar} {bytes}/{total_bytes} {eta} left, {msg}"),
            None => (ProgressBar::new_spinner(), "{spinner} {bytes} read, {msg}"),
        };
        bar.set_draw_target(ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// What a reader calls with the bytes it took.
    pub(crate) fn counter(&self) -> impl FnMut(u64) + Send + 'static {
        let bar = self.bar.clone();
        move |bytes| bar.inc(bytes)
    }

    /// Shows the counts so far.
    pub(crate) fn update(&self, summary: &Summary) {
        if !self.bar.is_hidden() {
            let rate = summary.documents() as f64 / self.bar.elapsed().as_secs_f64().max(f64::EPSILON);
            let (flagged, failed) = (summary.flagged(), summary.failed());
            self.bar.set_message(format!("{rate:.0} docs/s, {flagged} flagged, {failed} failed"));
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
