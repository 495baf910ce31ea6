//! The passes of a functional suite as tables for a person.

use std::fmt::Write as _;

use bellwether_batch::evaluation::{CaseCounts, NamedCounts, Regression, SuiteReport};

use super::SUITE_PROFILE;
use super::table::Table;
use super::tables::name_or_unstated;

const COLUMNS: [&str; 6] = ["", "pairs", "ranked right", "positive caught", "twin clean", "both right"];

/// The suite by functionality and by language, and what passes less than the baseline has.
pub(super) fn render(suite: &SuiteReport, regressions: Option<&[Regression]>) -> String {
    let title = |by: &str| format!("Functional suite by {by}, flagged at profile {SUITE_PROFILE}");
    let mut text = String::new();
    for (by, named) in [("functionality", &suite.functionalities), ("language", &suite.languages)] {
        text.push_str(&counted(title(by), named, suite.total).render());
    }
    // Writing to a string cannot fail.
    if suite.unscored > 0 {
        let _ = writeln!(text, "{} pairs with a member that could not be scored are not counted.\n", suite.unscored);
    }
    match regressions {
        None => {}
        Some([]) => text.push_str("No functionality passes fewer pairs than the baseline.\n"),
        Some(regressions) => {
            let _ = writeln!(text, "REGRESSION: {} functionalities pass fewer pairs than the baseline", regressions.len());
            for regression in regressions {
                let _ = writeln!(text, "  {regression}");
            }
        }
    }
    text
}

fn counted(title: String, named: &[NamedCounts], total: CaseCounts) -> Table {
    let mut table = Table::new(title, &COLUMNS);
    for NamedCounts { name, counts } in named {
        table.row(cells(name_or_unstated(name.as_deref()), *counts));
    }
    table.row(cells("total".to_owned(), total));
    table
}

fn cells(name: String, counts: CaseCounts) -> [String; 6] {
    let CaseCounts { pairs, ranked_right, positive_caught, twin_clean, both_right } = counts;
    let [pairs, ranked_right, positive_caught, twin_clean, both_right] =
        [pairs, ranked_right, positive_caught, twin_clean, both_right].map(|count| count.to_string());
    [name, pairs, ranked_right, positive_caught, twin_clean, both_right]
}
