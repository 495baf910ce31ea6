//! Attributes beside documents, as the Dolma toolkit keeps them.

use std::io::{self, Write};

use bellwether::{Category, Classification, Context, Probability};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::compressed::Compressed;
use crate::source::Compression;
use crate::{DocumentId, ScoredDocument};

/// A line of attributes for each document.
pub(super) struct DolmaAttributes<W: Write> {
    names: Names,
    writer: Compressed<W>,
}

/// What the attributes are called: experiment, tagger and type, as the toolkit takes names apart.
struct Names {
    scores: [String; Category::COUNT],
    contexts: [String; Context::COUNT],
}

impl<W: Write> DolmaAttributes<W> {
    pub(super) fn new(compression: Option<Compression>, model: &str, writer: W) -> Self {
        // Two underscores part the names, and filters are JSON paths, in which a hyphen would need quotes.
        let words = model.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let tagger = words.collect::<Vec<_>>().join("_");
        let names = Names {
            scores: Category::ALL.map(|category| format!("bellwether__{tagger}__{category}")),
            contexts: Context::ALL.map(|context| format!("bellwether__{tagger}__context_{context}")),
        };
        Self { names, writer: Compressed::new(compression, writer) }
    }

    pub(super) fn write(&mut self, scored: &ScoredDocument) -> io::Result<()> {
        let found = scored.outcome().ok().zip(scored.characters());
        serde_json::to_writer(&mut self.writer, &Line { id: scored.id(), attributes: Attributes { names: &self.names, found } })?;
        self.writer.write_all(b"\n")
    }

    pub(super) const fn writer(&mut self) -> &mut Compressed<W> {
        &mut self.writer
    }

    pub(super) fn finish(self) -> io::Result<W> {
        self.writer.finish()
    }
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a DocumentId,
    attributes: Attributes<'a>,
}

struct Attributes<'a> {
    names: &'a Names,
    /// The classification and the length of the text in characters.
    found: Option<(&'a Classification, usize)>,
}

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some((classification, characters)) = self.found else { return serializer.serialize_map(Some(0))?.end() };
        let mut map = serializer.serialize_map(Some(Category::COUNT + Context::COUNT))?;
        let over_all = |score: Probability| [(0, characters, score)];
        for (name, category) in self.names.scores.iter().zip(Category::ALL) {
            map.serialize_entry(name, &over_all(classification.score(category)))?;
        }
        for (name, context) in self.names.contexts.iter().zip(Context::ALL) {
            map.serialize_entry(name, &over_all(classification.context().get(context)))?;
        }
        map.end()
    }
}
