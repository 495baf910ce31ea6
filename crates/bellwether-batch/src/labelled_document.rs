//! A document together with the truth about it.

use std::collections::BTreeSet;

use bellwether::Category;

use crate::Document;

/// What a person says of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The categories the document truly has; none for a benign one.
    pub labels: BTreeSet<Category>,
    /// Whether the annotator was sure; a document nobody is sure of measures nothing.
    pub sure: bool,
    /// The group of authors or the kind of document, by which flag rates are told apart.
    pub group: Option<String>,
    /// In a functional suite: what a positive and its benign twin share.
    pub pair: Option<String>,
    /// In a functional suite: the ability that the pair tests.
    pub functionality: Option<String>,
}

/// A document whose labels are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledDocument {
    /// The text to score.
    pub document: Document,
    /// The truth about it.
    pub annotation: Annotation,
}
