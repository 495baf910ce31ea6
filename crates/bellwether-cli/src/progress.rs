//! A progress bar on standard error, if somebody is there to see it.

use std::io::{self, IsTerminal};
use std::time::Duration;

use bellwether_batch::Summary;
use bellwether_batch::job::{self, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far a run is, by the bytes of its inputs.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar over the sizes of the inputs, or a spinner if they cannot be known, as of standard input.
    pub(crate) fn new(bytes: Option<u64>, quiet: bool) -> Self {
        if quiet || !io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden() };
        }
        let (bar, template) = match bytes {
            Some(total) => {
                let template = "{wide_bar} {decimal_bytes}/{decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left, {msg}";
                (ProgressBar::new(total), template)
            }
            None => (ProgressBar::new_spinner(), "{spinner} {decimal_bytes} read, {decimal_bytes_per_sec}, {msg}"),
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
        self.count(summary, summary.documents());
    }

    /// Shows how far a job is.
    pub(crate) fn show(&self, state: &job::Progress<'_>) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_position(state.bytes_read);
        match state.step {
            Step::Verifying => self.bar.set_message(format!("verifying {}", state.input)),
            Step::PassingOver => self.bar.set_message(format!("passing over what is complete of {}", state.input)),
            Step::Scoring => {
                if state.scored_now == 1 {
                    // What was complete already says nothing of how long the rest will take.
                    self.bar.reset_eta();
                }
                self.count(state.summary, state.scored_now);
            }
        }
    }

    fn count(&self, summary: &Summary, scored: u64) {
        if !self.bar.is_hidden() {
            let rate = scored as f64 / self.bar.elapsed().as_secs_f64().max(f64::EPSILON);
            let (flagged, failed) = (summary.flagged(), summary.failed());
            self.bar.set_message(format!("{rate:.0} docs/s, {flagged} flagged, {failed} failed"));
        }
    }

    /// The bar itself, for whoever writes beside it.
    pub(crate) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
