//! What of a document's own words may be written.

use crate::redaction::Redactor;

/// What of a document's own words may be written: by default not its text, and its name and its errors as they are.
///
/// ```
/// use bellwether_batch::{Disclosure, Redactor};
/// let redactor = Redactor::new(b"sixteen bytes or more of a secret")?;
/// let disclosure = Disclosure::default().with_text().redacted(redactor);
/// assert!(disclosure.is_with_text());
/// # Ok::<(), bellwether_batch::RedactionKeyError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Disclosure {
    with_text: bool,
    redactor: Option<Redactor>,
}

impl Disclosure {
    /// The text is written too.
    #[must_use]
    pub fn with_text(mut self) -> Self {
        self.with_text = true;
        self
    }

    /// Pseudonyms stand for handles, e-mail addresses and telephone numbers in whatever is written.
    #[must_use]
    pub fn redacted(mut self, redactor: Redactor) -> Self {
        self.redactor = Some(redactor);
        self
    }

    /// Whether the text is written.
    #[must_use]
    pub const fn is_with_text(&self) -> bool {
        self.with_text
    }

    /// What makes the pseudonyms, if any.
    #[must_use]
    pub const fn redactor(&self) -> Option<&Redactor> {
        self.redactor.as_ref()
    }
}
