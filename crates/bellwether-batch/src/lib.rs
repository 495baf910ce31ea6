//! Scores streams of documents in parallel and in order.
//!
//! A stream goes one way: [`source`] turns files into [`Document`]s or typed [`RecordError`]s, an
//! [`OrderedPool`] scores them on rayon threads with bounded memory, [`ScoredDocument`]s come out in
//! input order, a [`sink`] writes them, and a [`Summary`] counts them. What of a document's own words may be written is a
//! [`Disclosure`], and a [`Redactor`] puts pseudonyms in place of addresses. A [`job`]
//! does all of this over many files, part by part, so that what was done outlasts a crash. Where a [`LabelledDocument`] says what a document truly is, [`evaluation`]
//! measures the scores against it.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small");
//! use std::ops::ControlFlow;
//! use bellwether::Classifier;
//! use bellwether_batch::{Document, OrderedPool, ScoredDocument};
//!
//! let classifier = Classifier::open(folder)?;
//! let documents = ["The library opens at nine.", "The bus was late."].map(|text| Document::new(text, text));
//! let mut scored = Vec::new();
//! OrderedPool::new(None)?.map(
//!     documents.into_iter(),
//!     |document| document.text.len(),
//!     |document| ScoredDocument::score(&classifier, Ok(document)),
//!     |result| {
//!         scored.push(result);
//!         ControlFlow::<()>::Continue(())
//!     },
//! );
//! assert_eq!(scored.len(), 2);
//! # Ok(())
//! # }
//! ```

mod disclosure;
mod document;
pub mod evaluation;
pub mod job;
mod labelled_document;
mod language;
mod ordered_pool;
mod redaction;
mod scored_document;
pub mod sink;
pub mod source;
mod summary;

pub use disclosure::Disclosure;
pub use document::{Document, DocumentId, RecordError, RecordErrorKind};
pub use labelled_document::{Annotation, LabelledDocument};
pub use language::{Language, identify};
pub use ordered_pool::{OrderedPool, PoolError};
pub use redaction::{MAX_KEY_BYTES, MIN_KEY_BYTES, PSEUDONYM_BYTES, RedactionKeyError, Redactor};
pub use scored_document::ScoredDocument;
pub use summary::Summary;
