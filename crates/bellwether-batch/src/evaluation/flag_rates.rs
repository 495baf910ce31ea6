//! Who is flagged although there is nothing to flag.

use std::collections::BTreeMap;

use bellwether::{Category, OperatingPoint, Profile};
use serde::Serialize;

use super::{Observation, OperatingPoints, Proportion};

/// Flag rates of benign documents: all of them, and by language and group. A document with any label is left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlagRates {
    /// All benign documents.
    pub all: FlaggedSlice,
    /// By stated language, in alphabetical order; first those that state none.
    pub languages: Vec<FlaggedSlice>,
    /// By stated group, in alphabetical order; documents that state none are left out.
    pub groups: Vec<FlaggedSlice>,
}

/// Flag rates of some benign documents.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlaggedSlice {
    /// The language or group; null in JSON for all documents, and for those that state no language.
    pub name: Option<String>,
    /// How many documents it holds.
    pub documents: usize,
    /// What each profile flags.
    pub profiles: BTreeMap<Profile, ProfileFlags>,
}

/// What one profile flags of some benign documents.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProfileFlags {
    /// Documents with at least one label: false positives at the level of the document.
    pub any: Proportion,
    /// Documents with each label.
    pub labels: BTreeMap<Category, Proportion>,
}

impl FlagRates {
    /// Counts the benign documents among `observations`.
    #[must_use]
    pub fn new<'a>(observations: impl IntoIterator<Item = &'a Observation>, points: &OperatingPoints) -> Self {
        let benign: Vec<&Observation> = observations.into_iter().filter(|observation| observation.is_benign()).collect();
        let (mut languages, mut groups) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        for &observation in &benign {
            languages.entry(observation.lang.as_deref()).or_default().push(observation);
            if let Some(group) = observation.group.as_deref() {
                groups.entry(Some(group)).or_default().push(observation);
            }
        }
        let slices = |by_name: BTreeMap<Option<&str>, Vec<&Observation>>| {
            by_name.into_iter().map(|(name, documents)| FlaggedSlice::new(name, &documents, points)).collect()
        };
        Self { all: FlaggedSlice::new(None, &benign, points), languages: slices(languages), groups: slices(groups) }
    }
}

impl FlaggedSlice {
    fn new(name: Option<&str>, documents: &[&Observation], points: &OperatingPoints) -> Self {
        let flags = |point: &OperatingPoint| ProfileFlags {
            any: Proportion::of(documents, |document| document.is_flagged(point)),
            labels: Category::ALL
                .into_iter()
                .map(|category| (category, Proportion::of(documents, |document| document.is_labelled(category, point))))
                .collect(),
        };
        let profiles = points.iter().map(|(&profile, point)| (profile, flags(point))).collect();
        Self { name: name.map(str::to_owned), documents: documents.len(), profiles }
    }
}
