//! What is said of a document on its way out.

use bellwether::{Classification, Classifier};
use serde::{Serialize, Serializer};

use crate::disclosure::Disclosure;
use crate::document::{Document, DocumentId, RecordError, RecordErrorKind};
use crate::language::Language;
use crate::redaction::Redactor;

/// A document with its classification or its error: one line of output.
///
/// It serializes to the object that `bellwether score` prints. A scored document has `id`, the names of
/// [`Classification`], `lang` (as its source states it, else identified, null if that is not possible), `lang_supported`
/// (whether the model declares it, null if the language is not known), `date` and `digest` if the source states them,
/// `duplicate_of` if it shares the classification of an earlier document, and `"error": null`; a failed one has `id` and `error` with `kind` and `message`. Both have `text` where it was kept.
///
/// The offsets of `evidence` are into `text` where it was kept, which may be redacted, and else into [`Document::text`]: for
/// a page of a web archive that is its main text, and not the page as it was served.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredDocument {
    id: DocumentId,
    text: Option<String>,
    outcome: Result<Scored, RecordError>,
    duplicate_of: Option<DocumentId>,
}

#[derive(Debug, Clone, PartialEq)]
struct Scored {
    classification: Classification,
    characters: usize,
    language: Language,
    date: Option<String>,
    digest: Option<String>,
}

impl ScoredDocument {
    /// Scores a document, or passes on the error of a record that did not become one. Its text is not kept.
    #[must_use]
    pub fn score(classifier: &Classifier, record: Result<Document, RecordError>) -> Self {
        Self::score_disclosing(classifier, record, &Disclosure::default())
    }

    /// Scores a document as [`ScoredDocument::score`] does, and keeps of its words what `disclosure` allows.
    ///
    /// The classifier reads the text as it is: redaction changes no score.
    #[must_use]
    pub fn score_disclosing(classifier: &Classifier, record: Result<Document, RecordError>, disclosure: &Disclosure) -> Self {
        match record {
            Ok(document) => {
                let classification = classify(classifier, &document);
                Self::classified(classifier, document, classification, disclosure)
            }
            Err(error) => Self::disclosed(error.id.clone(), None, Err(error), disclosure),
        }
    }

    /// A document of which it is known already what the classifier says.
    pub(crate) fn classified(
        classifier: &Classifier,
        document: Document,
        classification: Result<Classification, RecordError>,
        disclosure: &Disclosure,
    ) -> Self {
        let Document { id, text, lang, date, digest } = document;
        let outcome = classification.map(|classification| {
            let language = Language::of(&text, lang, classifier.manifest());
            Scored { classification, characters: text.chars().count(), language, date, digest }
        });
        Self::disclosed(id, disclosure.is_with_text().then_some(text), outcome, disclosure)
    }

    fn disclosed(id: DocumentId, text: Option<String>, outcome: Result<Scored, RecordError>, disclosure: &Disclosure) -> Self {
        let scored = Self { id, text, outcome, duplicate_of: None };
        match disclosure.redactor() {
            Some(redactor) => scored.redacted(redactor),
            None => scored,
        }
    }

    /// Says that the text is another document's, by the name that this one has in the output, whose classification it shares.
    pub(crate) fn mark_duplicate_of(&mut self, id: DocumentId) {
        self.duplicate_of = Some(id);
    }

    /// The first document with the same text, where a [`Job`](crate::job::Job) looks for that.
    #[must_use]
    pub const fn duplicate_of(&self) -> Option<&DocumentId> {
        self.duplicate_of.as_ref()
    }

    /// The document's name.
    #[must_use]
    pub const fn id(&self) -> &DocumentId {
        &self.id
    }

    /// The text, if it was kept.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// How many characters (Unicode scalar values) the text has that was scored.
    #[must_use]
    pub fn characters(&self) -> Option<usize> {
        self.outcome.as_ref().ok().map(|scored| scored.characters)
    }

    /// What the classifier said.
    ///
    /// # Errors
    /// Why it could not say anything.
    pub fn outcome(&self) -> Result<&Classification, &RecordError> {
        self.outcome.as_ref().map(|scored| &scored.classification)
    }

    /// The language of a document that could be scored.
    #[must_use]
    pub fn language(&self) -> Option<&Language> {
        self.outcome.as_ref().ok().map(|scored| &scored.language)
    }

    /// When a document that could be scored was captured, as its source writes it.
    #[must_use]
    pub fn date(&self) -> Option<&str> {
        self.outcome.as_ref().ok()?.date.as_deref()
    }

    /// The digest of what was captured of a document that could be scored, as its source writes it.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.outcome.as_ref().ok()?.digest.as_deref()
    }

    /// The document with pseudonyms in everything textual. Evidence is moved to where it stands in a text that was kept.
    fn redacted(self, redactor: &Redactor) -> Self {
        let redact = |words: String| redactor.redact(&words).into_owned();
        let text = self.text.as_deref().map(|text| redactor.redact_mapped(text));
        let outcome = match self.outcome {
            Ok(Scored { mut classification, characters, language, date, digest }) => {
                if let Some(text) = &text {
                    classification = classification.move_evidence(|range| text.place(range));
                }
                let language = language.map_code(redact);
                Ok(Scored { classification, characters, language, date: date.map(redact), digest: digest.map(redact) })
            }
            Err(RecordError { kind, message, id }) => Err(RecordError::new(id.redacted(redactor), kind, redact(message))),
        };
        Self {
            id: self.id.redacted(redactor),
            text: text.map(|redacted| redacted.text),
            outcome,
            duplicate_of: self.duplicate_of,
        }
    }

    /// The document as a line of output, with its text only if that is wanted and was kept.
    pub(crate) fn line(&self, with_text: bool) -> impl Serialize {
        let (id, text) = (&self.id, self.text().filter(|_| with_text));
        match &self.outcome {
            Ok(Scored { classification, language, date, digest, .. }) => {
                let (date, digest) = (date.as_deref(), digest.as_deref());
                let duplicate_of = self.duplicate_of.as_ref();
                Line::Scored { id, classification, language, date, digest, duplicate_of, text, error: () }
            }
            Err(error) => Line::Failed { id, text, error },
        }
    }
}

/// What the classifier says of a document.
pub(crate) fn classify(classifier: &Classifier, Document { id, text, .. }: &Document) -> Result<Classification, RecordError> {
    classifier.classify(text).map_err(|error| {
        let kind = if error.is_empty_text() { RecordErrorKind::EmptyText } else { RecordErrorKind::Classification };
        RecordError::new(id.clone(), kind, error.to_string())
    })
}

#[derive(Serialize)]
#[serde(untagged)]
enum Line<'a> {
    Scored {
        id: &'a DocumentId,
        #[serde(flatten)]
        classification: &'a Classification,
        #[serde(flatten)]
        language: &'a Language,
        #[serde(skip_serializing_if = "Option::is_none")]
        date: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        digest: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        duplicate_of: Option<&'a DocumentId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<&'a str>,
        error: (),
    },
    Failed {
        id: &'a DocumentId,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<&'a str>,
        error: &'a RecordError,
    },
}

impl Serialize for ScoredDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.line(true).serialize(serializer)
    }
}
