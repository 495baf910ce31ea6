//! What a functional suite showed before, so that a worse model is noticed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::SuiteReport;

/// The format of the file that this version reads and writes.
const FORMAT: u32 = 1;

/// The passes of each functionality with the model that made them: a JSON file to keep beside the suite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    format: u32,
    /// The model that was measured.
    pub model: BaselineModel,
    /// The counts of each functionality.
    pub functionalities: BTreeMap<String, FunctionalityCounts>,
}

/// The model behind a baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineModel {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its hash, as `bellwether model show` prints it.
    pub hash: String,
}

/// How many pairs of a functionality pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionalityCounts {
    /// All its pairs.
    pub pairs: usize,
    /// See [`CaseCounts::ranked_right`](super::CaseCounts::ranked_right).
    pub ranked_right: usize,
    /// See [`CaseCounts::both_right`](super::CaseCounts::both_right).
    pub both_right: usize,
}

/// A functionality that passes fewer pairs than it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Regression {
    /// The functionality.
    pub functionality: String,
    /// What the baseline has.
    pub before: FunctionalityCounts,
    /// What there is now; nothing if the suite no longer holds the functionality.
    pub now: FunctionalityCounts,
}

impl fmt::Display for Regression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { functionality, before, now } = self;
        write!(f, "{functionality}: ")?;
        let measures =
            [("ranked right", before.ranked_right, now.ranked_right), ("both right", before.both_right, now.both_right)];
        let mut separator = "";
        for (measure, before_passes, now_passes) in measures.into_iter().filter(|(_, before, now)| now < before) {
            write!(f, "{separator}{measure} {now_passes} of {}, was {before_passes} of {}", now.pairs, before.pairs)?;
            separator = "; ";
        }
        Ok(())
    }
}

/// A baseline that cannot be read.
#[derive(Debug)]
pub struct BaselineError(String);

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BaselineError {}

impl Baseline {
    /// What a model shows now.
    #[must_use]
    pub fn new(model: BaselineModel, report: &SuiteReport) -> Self {
        Self { format: FORMAT, model, functionalities: counts(report) }
    }

    /// Parses the JSON that a baseline serializes to.
    ///
    /// # Errors
    /// If it is not that, or of another format.
    pub fn parse(json: &str) -> Result<Self, BaselineError> {
        let baseline: Self = serde_json::from_str(json).map_err(|error| BaselineError(format!("not a baseline: {error}")))?;
        if baseline.format != FORMAT {
            return Err(BaselineError(format!("its format is {}, this version reads format {FORMAT}", baseline.format)));
        }
        Ok(baseline)
    }

    /// The functionalities of which fewer pairs are ranked right, or both right, than before.
    #[must_use]
    pub fn regressions(&self, report: &SuiteReport) -> Vec<Regression> {
        let now = counts(report);
        let compare = |(functionality, &before): (&String, &FunctionalityCounts)| {
            let now = now.get(functionality).copied().unwrap_or_default();
            let fewer = now.ranked_right < before.ranked_right || now.both_right < before.both_right;
            fewer.then(|| Regression { functionality: functionality.clone(), before, now })
        };
        self.functionalities.iter().filter_map(compare).collect()
    }
}

fn counts(report: &SuiteReport) -> BTreeMap<String, FunctionalityCounts> {
    let count = |named: &super::NamedCounts| {
        let counts = named.counts;
        let counts =
            FunctionalityCounts { pairs: counts.pairs, ranked_right: counts.ranked_right, both_right: counts.both_right };
        Some((named.name.clone()?, counts))
    };
    report.functionalities.iter().filter_map(count).collect()
}
