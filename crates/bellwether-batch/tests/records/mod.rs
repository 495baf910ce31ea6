//! What an input gives, in the order of its records.

use bellwether_batch::{Document, RecordError, RecordErrorKind};

pub(crate) type Records = Vec<Result<Document, RecordError>>;

pub(crate) fn kinds(records: &Records) -> Vec<Option<RecordErrorKind>> {
    records.iter().map(|record| record.as_ref().err().map(|error| error.kind)).collect()
}

pub(crate) fn texts(records: &Records) -> Vec<&str> {
    records.iter().filter_map(|record| record.as_ref().ok()).map(|document| document.text.as_str()).collect()
}
