//! The columns of a table of scores, the same in CSV and Parquet.

use std::borrow::Cow;

use bellwether::{Category, Classification, Context, Probability, Stage};

use crate::{DocumentId, Language, ScoredDocument};

/// What a table says of a document in one place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    Id,
    Score(Category),
    Labels,
    Context(Context),
    Stage,
    Coverage,
    Windows,
    Lang,
    LangSupported,
    Evidence,
    Date,
    Digest,
    DuplicateOf,
    ErrorKind,
    ErrorMessage,
    Text,
}

/// The types of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Words of which there are many kinds.
    Text,
    /// Words of which there are few kinds.
    Name,
    Number,
    Count,
    Flag,
    Names,
}

/// A value of a column; none where the document has none.
#[derive(Debug)]
pub(super) enum Cell<'a> {
    Text(Option<Cow<'a, str>>),
    Number(Option<f64>),
    Count(Option<u64>),
    Flag(Option<bool>),
    Names(Option<Vec<&'static str>>),
}

impl Column {
    /// The columns of a table, in their order.
    pub(super) fn all(with_text: bool) -> impl Iterator<Item = Self> {
        std::iter::once(Self::Id)
            .chain(Category::ALL.map(Self::Score))
            .chain([Self::Labels])
            .chain(Context::ALL.map(Self::Context))
            .chain([Self::Stage, Self::Coverage, Self::Windows, Self::Lang, Self::LangSupported, Self::Evidence])
            .chain([Self::Date, Self::Digest, Self::DuplicateOf, Self::ErrorKind, Self::ErrorMessage])
            .chain(with_text.then_some(Self::Text))
    }

    pub(super) fn name(self) -> Cow<'static, str> {
        match self {
            Self::Id => "id",
            Self::Score(category) => return format!("score_{category}").into(),
            Self::Labels => "labels",
            Self::Context(context) => return format!("context_{context}").into(),
            Self::Stage => "stage",
            Self::Coverage => "coverage",
            Self::Windows => "windows",
            Self::Lang => "lang",
            Self::LangSupported => "lang_supported",
            Self::Evidence => "evidence",
            Self::Date => "date",
            Self::Digest => "digest",
            Self::DuplicateOf => "duplicate_of",
            Self::ErrorKind => "error_kind",
            Self::ErrorMessage => "error_message",
            Self::Text => "text",
        }
        .into()
    }

    pub(super) const fn column_type(self) -> Type {
        match self {
            Self::Id | Self::Evidence | Self::Date | Self::Digest | Self::DuplicateOf | Self::ErrorMessage | Self::Text => {
                Type::Text
            }
            Self::Stage | Self::Lang | Self::ErrorKind => Type::Name,
            Self::Score(_) | Self::Context(_) | Self::Coverage => Type::Number,
            Self::Windows => Type::Count,
            Self::LangSupported => Type::Flag,
            Self::Labels => Type::Names,
        }
    }

    /// The value of a document.
    pub(super) fn cell(self, scored: &ScoredDocument) -> Cell<'_> {
        let (classification, error) = (scored.outcome().ok(), scored.outcome().err());
        let number = |value: fn(&Classification) -> Probability| Cell::Number(classification.map(value).map(shown));
        match self {
            Self::Id => Cell::Text(Some(shown_id(scored.id()))),
            Self::Score(category) => Cell::Number(classification.map(|found| shown(found.score(category)))),
            Self::Labels => Cell::Names(classification.map(|found| found.labels().iter().map(|label| label.name()).collect())),
            Self::Context(context) => Cell::Number(classification.map(|found| shown(found.context().get(context)))),
            Self::Stage => borrowed(classification.map(|found| match found.stage() {
                Stage::Gate => "gate",
                Stage::Student => "student",
                Stage::Encoder => "encoder",
            })),
            Self::Coverage => number(Classification::coverage),
            Self::Windows => Cell::Count(classification.map(|found| found.windows() as u64)),
            Self::Lang => borrowed(scored.language().and_then(Language::code)),
            Self::LangSupported => Cell::Flag(scored.language().and_then(Language::is_supported)),
            // Numbers and names alone: this cannot fail.
            Self::Evidence => {
                Cell::Text(classification.and_then(|found| serde_json::to_string(found.evidence()).ok()).map(Cow::Owned))
            }
            Self::Date => borrowed(scored.date()),
            Self::Digest => borrowed(scored.digest()),
            Self::DuplicateOf => Cell::Text(scored.duplicate_of().map(shown_id)),
            Self::ErrorKind => borrowed(error.map(|error| error.kind.name())),
            Self::ErrorMessage => borrowed(error.map(|error| error.message.as_str())),
            Self::Text => borrowed(scored.text()),
        }
    }
}

fn shown_id(id: &DocumentId) -> Cow<'_, str> {
    match id {
        DocumentId::Text(text) => Cow::Borrowed(text),
        DocumentId::Number(number) => number.to_string().into(),
    }
}

fn borrowed(text: Option<&str>) -> Cell<'_> {
    Cell::Text(text.map(Cow::Borrowed))
}

/// The number that JSON and CSV show, so that every format says the same one: 0.1 and not 0.10000000149011612.
fn shown(probability: Probability) -> f64 {
    probability.to_string().parse().unwrap_or_else(|_| probability.get().into())
}
