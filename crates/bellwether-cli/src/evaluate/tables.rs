//! The measures as tables for a person.

use bellwether::{Category, Profile};
use bellwether_batch::evaluation::{Evaluation, FlaggedSlice, Proportion, RecallAtRate};

use super::record::{Record, Set};
use super::suite_tables;
use super::table::Table;

/// Stands where nothing could be computed.
const NOTHING: &str = "-";

/// Everything that was measured.
pub(super) fn render(record: &Record<'_>) -> String {
    let model = &record.model;
    let mut text = format!("model {} {} {}, mode {}, {}\n", model.name, model.version, model.hash, model.mode, model.runtime);
    text.push_str(&format_set("data", &record.data));
    if let Some(negatives) = &record.negatives {
        text.push_str(&format_set("negatives", negatives));
    }
    text.push('\n');
    let evaluation = record.evaluation;
    for table in
        [categories(evaluation), thresholds(evaluation), recalls(evaluation), languages(evaluation), labels_flagged(evaluation)]
    {
        text.push_str(&table.render());
    }
    let rates = &evaluation.flag_rates;
    text.push_str(&any_flagged("Benign documents flagged with any label, by language", &rates.languages).render());
    if !rates.groups.is_empty() {
        text.push_str(&any_flagged("Benign documents flagged with any label, by group", &rates.groups).render());
    }
    if let Some(suite) = record.suite {
        text.push_str(&suite_tables::render(suite, record.regressions));
    }
    text
}

fn format_set(name: &str, set: &Set) -> String {
    let failed: usize = set.failed.values().sum();
    format!("{name}: {} documents, {} unsure left out, {failed} failed\n", set.documents, set.unsure)
}

fn categories(evaluation: &Evaluation) -> Table {
    let columns = ["", "positives", "negatives", "average precision", "calibration error"];
    let mut table = Table::new("Ranking and calibration", &columns);
    for (category, measures) in &evaluation.categories {
        table.row([
            category.to_string(),
            measures.positives.to_string(),
            measures.negatives.to_string(),
            number(measures.average_precision),
            number(measures.expected_calibration_error),
        ]);
    }
    table.row(["macro".to_owned(), String::new(), String::new(), number(evaluation.macro_average_precision)]);
    table
}

fn thresholds(evaluation: &Evaluation) -> Table {
    let columns = ["", "profile", "threshold", "found", "missed", "false", "precision", "recall", "F1"];
    let mut table = Table::new("Labels that each profile gives", &columns);
    for (category, measures) in &evaluation.categories {
        for (place, (profile, at)) in measures.profiles.iter().enumerate() {
            table.row([
                if place == 0 { category.to_string() } else { String::new() },
                profile.to_string(),
                format!("{:.4}", at.threshold.get()),
                at.counts.true_positives.to_string(),
                at.counts.false_negatives.to_string(),
                at.counts.false_positives.to_string(),
                with_interval(at.precision),
                with_interval(at.recall),
                number(at.f1),
            ]);
        }
    }
    table
}

fn recalls(evaluation: &Evaluation) -> Table {
    let columns = ["", "rate", "positives", "negatives", "threshold", "false", "recall"];
    let mut table = Table::new("Recall at a false-positive rate", &columns);
    for (category, measures) in &evaluation.categories {
        for (place, recall) in measures.recall_at_false_positive_rate.iter().enumerate() {
            let name = if place == 0 { category.to_string() } else { String::new() };
            table.row([name].into_iter().chain(recall_cells(recall)));
        }
    }
    table
}

fn recall_cells(recall: &RecallAtRate) -> [String; 6] {
    let nothing = || NOTHING.to_owned();
    let (threshold, false_positives, share) = match (&recall.measure, recall.not_measurable) {
        (Some(measure), _) => (
            // Seven places tell thresholds apart that lie close to one.
            measure.threshold.map_or_else(nothing, |threshold| format!("{:.7}", threshold.get())),
            measure.false_positives.count().to_string(),
            with_interval(measure.recall),
        ),
        (None, reason) => (nothing(), nothing(), reason.map_or_else(nothing, |reason| format!("not measurable: {reason}"))),
    };
    [
        recall.false_positive_rate.to_string(),
        recall.positives.to_string(),
        recall.negatives.to_string(),
        threshold,
        false_positives,
        share,
    ]
}

fn languages(evaluation: &Evaluation) -> Table {
    let names = Category::ALL.map(Category::name);
    let columns: Vec<_> = ["", "documents"].into_iter().chain(names).chain(["macro"]).collect();
    let mut table = Table::new("Average precision by language (positives)", &columns);
    for language in &evaluation.languages {
        let by_category = language.average_precision.iter().map(|(category, &value)| match value {
            Some(_) => format!("{} ({})", number(value), language.positives[category]),
            None => NOTHING.to_owned(),
        });
        let cells = [name_or_unstated(language.name.as_deref()), language.documents.to_string()].into_iter();
        table.row(cells.chain(by_category).chain([number(language.macro_average_precision)]));
    }
    table
}

fn labels_flagged(evaluation: &Evaluation) -> Table {
    let all = &evaluation.flag_rates.all;
    let title = format!("Benign documents flagged, of {}", all.documents);
    let columns: Vec<_> = [""].into_iter().chain(Profile::ALL.map(Profile::name)).collect();
    let mut table = Table::new(title, &columns);
    for category in Category::ALL {
        let cells = all.profiles.values().map(|flags| counted(flags.labels[&category]));
        table.row([category.to_string()].into_iter().chain(cells));
    }
    table.row(["any".to_owned()].into_iter().chain(all.profiles.values().map(|flags| counted(flags.any))));
    table
}

fn any_flagged(title: &str, slices: &[FlaggedSlice]) -> Table {
    let columns: Vec<_> = ["", "documents"].into_iter().chain(Profile::ALL.map(Profile::name)).collect();
    let mut table = Table::new(title, &columns);
    for slice in slices {
        let cells = slice.profiles.values().map(|flags| counted(flags.any));
        table.row([name_or_unstated(slice.name.as_deref()), slice.documents.to_string()].into_iter().chain(cells));
    }
    table
}

pub(super) fn name_or_unstated(name: Option<&str>) -> String {
    name.unwrap_or("(not stated)").to_owned()
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| format!("{value:.3}"))
}

/// `0.812 [0.771, 0.848]`
fn with_interval(proportion: Proportion) -> String {
    let interval = proportion.interval();
    match proportion.share() {
        Some(share) => format!("{share:.3} [{:.3}, {:.3}]", interval.low, interval.high),
        None => NOTHING.to_owned(),
    }
}

/// `12 = 0.60 % [0.34, 1.05]`
fn counted(proportion: Proportion) -> String {
    let interval = proportion.interval();
    match proportion.share() {
        Some(share) => {
            let [share, low, high] = [share, interval.low, interval.high].map(|value| value * 100.0);
            format!("{} = {share:.2} % [{low:.2}, {high:.2}]", proportion.count())
        }
        None => NOTHING.to_owned(),
    }
}
