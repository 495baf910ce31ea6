//! Texts that come more than once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bellwether::{Classification, Classifier};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::scored_document::classify;
use crate::source::Record;
use crate::{Disclosure, DocumentId, ScoredDocument};

/// What is done with a document whose text an earlier document of the same part has, byte for byte.
///
/// A text that is only nearly the same is always scored: it may differ in the one sentence that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// It is scored like any other.
    #[default]
    Score,
    /// It gets the first one's classification and says so: `"duplicate_of"` holds the first one's id.
    Copy,
}

/// The most texts of a part that are remembered; later ones count as new.
pub const MAX_REMEMBERED_TEXTS: usize = 100_000;

type TextDigest = [u8; 32];

/// The classifications of the texts of a part, for the threads that score.
///
/// Nobody waits for a text that another thread is scoring: two threads may score the same text, which gives the same result.
#[derive(Debug, Default)]
pub(super) struct KnownTexts {
    scored: Mutex<HashMap<TextDigest, Classification>>,
}

/// A scored document, with the digest of its text if that could be scored.
pub(super) type Digested = (ScoredDocument, Option<TextDigest>);

impl KnownTexts {
    /// Scores a record, or gives it the classification that its text has already.
    pub(super) fn score(&self, classifier: &Classifier, record: Record, disclosure: &Disclosure) -> Digested {
        let document = match record.into_document() {
            Ok(document) => document,
            Err(error) => return (ScoredDocument::score_disclosing(classifier, Err(error), disclosure), None),
        };
        let digest: TextDigest = Sha256::digest(document.text.as_bytes()).into();
        let known = self.lock().get(&digest).cloned();
        let classification = match known {
            Some(known) => Ok(known),
            None => classify(classifier, &document),
        };
        if let Ok(classification) = &classification {
            self.remember(digest, classification);
        }
        let scorable = classification.is_ok().then_some(digest);
        (ScoredDocument::classified(classifier, document, classification, disclosure), scorable)
    }

    fn remember(&self, digest: TextDigest, classification: &Classification) {
        let mut known = self.lock();
        if known.len() < MAX_REMEMBERED_TEXTS {
            known.entry(digest).or_insert_with(|| classification.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TextDigest, Classification>> {
        // An entry is whole or not there, even if a holder panics.
        self.scored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which document of a part had a text first. It sees them in order, so that marks do not depend on threads.
#[derive(Debug, Default)]
pub(super) struct FirstWithText {
    ids: HashMap<TextDigest, DocumentId>,
}

impl FirstWithText {
    /// Marks a document if an earlier one has its text.
    pub(super) fn mark(&mut self, (mut scored, digest): Digested) -> ScoredDocument {
        let Some(digest) = digest else { return scored };
        if let Some(first) = self.ids.get(&digest) {
            scored.mark_duplicate_of(first.clone());
        } else if self.ids.len() < MAX_REMEMBERED_TEXTS {
            self.ids.insert(digest, scored.id().clone());
        }
        scored
    }
}
