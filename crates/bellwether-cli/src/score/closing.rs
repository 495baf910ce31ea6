//! The run in a few lines, for the person at the terminal.

use std::io::{self, Write};

use bellwether::{Category, Classifier};
use bellwether_batch::Summary;

pub(super) struct Closing<'a> {
    pub(super) summary: &'a Summary,
    pub(super) documents_per_second: f64,
    pub(super) threads: usize,
    pub(super) skipped_records: u64,
    pub(super) skipped_files: u64,
}

impl Closing<'_> {
    /// Prints it to standard error, with more lines behind what was counted.
    pub(super) fn print(&self, classifier: &Classifier, more: &str) {
        // The scores are out; a closed standard error takes nothing from them.
        let _ = io::stderr().write_all(self.text(classifier, more).as_bytes());
    }

    fn text(&self, classifier: &Classifier, more: &str) -> String {
        let Self { summary, documents_per_second, threads, skipped_records, skipped_files } = *self;
        let per_label: Vec<_> = Category::ALL.map(|category| format!("{category} {}", summary.flagged_for(category))).into();
        let failures: Vec<_> = summary.failures().map(|(kind, count)| format!("{kind} {count}")).collect();
        let because = if failures.is_empty() { String::new() } else { format!(" ({})", failures.join(", ")) };
        let unsupported = match summary.unsupported_language() {
            0 => String::new(),
            count => format!("language  {count} in a language the model does not declare\n"),
        };
        let skipped = match (skipped_records, skipped_files) {
            (0, 0) => String::new(),
            (records, files) => {
                format!("skipped   {records} records without a page, {files} files of no known format\n")
            }
        };
        format!(
            "documents {}, {documents_per_second:.1} a second on {threads} threads\nread      {} by the encoder (mode {})\n{unsupported}flagged   {} ({})\nfailed    {}{because}\n{skipped}{more}engine    {}\nmodel     {} {} {}\n",
            summary.documents(),
            summary.read_by_encoder(),
            classifier.mode(),
            summary.flagged(),
            per_label.join(", "),
            summary.failed(),
            classifier.runtime_description(),
            classifier.manifest().name(),
            classifier.manifest().version(),
            classifier.model_hash(),
        )
    }
}
