//! Documents, scored once for all tests of a file.

use std::sync::LazyLock;

use bellwether::Classifier;
use bellwether_batch::source::{Format, Reader};
use bellwether_batch::{Disclosure, ScoredDocument};

/// Documents with all that makes writing hard, and records that are none.
pub(crate) const INPUT: &[u8] = b"{\"id\": 7, \"text\": \"The library opens at nine.\"}
{\"id\": -0.5, \"text\": \"The bus was late, \\\"again\\\",\\nand nobody said why.\\r\\n\\n\"}
not json
{\"id\": \"=a,\\\"b\\\"\\nc;\\u00e9\\u4e66\", \"lang\": \"zh\", \"text\": \"\\u56fe\\u4e66\\u9986\\u4e5d\\u70b9\\u5f00\\u95e8\\u3002\"}
{\"id\": \"empty\", \"text\": \" \\u200b\"}
{\"id\": 12, \"body\": \"x\"}
{\"text\": \"bad \xff\"}
{\"id\": \"nul\", \"text\": \"The choir\\u0000 sings @anna on +49 30 1234567, or not.\"}
{\"id\": \"flagged\", \"text\": \"Send money to our fighters and their families now, brothers, every coin buys weapons for the war against the unbelievers.\"}
";

pub(crate) fn classifier() -> &'static Classifier {
    static CLASSIFIER: LazyLock<Classifier> =
        LazyLock::new(|| Classifier::open(concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/multilingual-small")).unwrap());
    &CLASSIFIER
}

/// The records of [`INPUT`], scored; once for all that do not redact.
pub(crate) fn score(disclosure: &Disclosure) -> Vec<ScoredDocument> {
    static PLAIN: LazyLock<Vec<ScoredDocument>> = LazyLock::new(|| score_anew(&Disclosure::default()));
    static WITH_TEXT: LazyLock<Vec<ScoredDocument>> = LazyLock::new(|| score_anew(&Disclosure::default().with_text()));
    match (disclosure.redactor(), disclosure.is_with_text()) {
        (None, false) => PLAIN.clone(),
        (None, true) => WITH_TEXT.clone(),
        (Some(_), _) => score_anew(disclosure),
    }
}

fn score_anew(disclosure: &Disclosure) -> Vec<ScoredDocument> {
    let documents = Reader::default().read(Format::JsonLines, "input", INPUT);
    documents.map(|document| ScoredDocument::score_disclosing(classifier(), document, disclosure)).collect()
}
