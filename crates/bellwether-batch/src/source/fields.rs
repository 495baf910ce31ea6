//! The names that a source has for what a document consists of.

/// What the fields of an object, or the columns of a table, are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldNames {
    pub(super) text: String,
    pub(super) id: String,
    pub(super) lang: String,
}
