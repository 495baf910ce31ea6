//! A functional suite: pairs of a positive and its benign twin, each testing one ability.

use std::collections::BTreeMap;
use std::fmt;

use crate::LabelledDocument;

/// A positive and its benign twin, as places in the list of documents they were found in.
///
/// Minimal pairs grouped by the functionality they test, after `HateCheck` (Röttger et al. 2021).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CasePair {
    /// What the two documents share.
    pub name: String,
    /// The ability it tests.
    pub functionality: String,
    /// The language both state.
    pub lang: Option<String>,
    /// The place of the document that has labels.
    pub positive: usize,
    /// The place of the one that has none.
    pub twin: usize,
}

/// A suite that does not consist of pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedSuite(String);

impl fmt::Display for MalformedSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no functional suite: {}", self.0)
    }
}

impl std::error::Error for MalformedSuite {}

/// Finds the pairs among documents, in the order of their names.
///
/// A record that failed to become a document (`None`) keeps its place and belongs to no pair. A pair with a member nobody
/// is sure of is left out.
///
/// # Errors
/// Names the first pair that is not one positive and one benign document with the same functionality and language, or the
/// document that belongs to none.
pub fn pair_cases<'a>(
    documents: impl IntoIterator<Item = Option<&'a LabelledDocument>>,
) -> Result<Vec<CasePair>, MalformedSuite> {
    let mut members = BTreeMap::<&str, Vec<(usize, &LabelledDocument)>>::new();
    for (place, document) in documents.into_iter().enumerate() {
        let Some(document) = document else { continue };
        let Some(pair) = document.annotation.pair.as_deref() else {
            return Err(MalformedSuite(format!("the document {} has no field \"pair\"", document.document.id)));
        };
        members.entry(pair).or_default().push((place, document));
    }
    if members.is_empty() {
        return Err(MalformedSuite("it holds no pair".to_owned()));
    }
    let mut pairs = Vec::with_capacity(members.len());
    for (name, members) in members {
        let pair = pair_of(name, &members).map_err(|detail| MalformedSuite(format!("the pair {name:?} {detail}")))?;
        if members.iter().all(|(_, member)| member.annotation.sure) {
            pairs.push(pair);
        }
    }
    Ok(pairs)
}

fn pair_of(name: &str, members: &[(usize, &LabelledDocument)]) -> Result<CasePair, String> {
    let &[first, second] = members else {
        return Err(format!("has {} member{}, not two", members.len(), if members.len() == 1 { "" } else { "s" }));
    };
    let is_benign = |(_, member): (usize, &LabelledDocument)| member.annotation.labels.is_empty();
    let (positive, twin) = match (is_benign(first), is_benign(second)) {
        (false, true) => (first, second),
        (true, false) => (second, first),
        (true, true) => return Err("has no member with a label".to_owned()),
        (false, false) => return Err("has no benign twin: both members have labels".to_owned()),
    };
    let functionality = |(_, member): (usize, &'_ LabelledDocument)| member.annotation.functionality.clone();
    let functionality = match (functionality(positive), functionality(twin)) {
        (Some(positive), Some(twin)) if positive == twin => positive,
        (Some(positive), Some(twin)) => return Err(format!("has two functionalities, {positive:?} and {twin:?}")),
        _ => return Err("has a member without the field \"functionality\"".to_owned()),
    };
    let lang = positive.1.document.lang.clone();
    if lang != twin.1.document.lang {
        return Err("has members in two languages".to_owned());
    }
    Ok(CasePair { name: name.to_owned(), functionality, lang, positive: positive.0, twin: twin.0 })
}
