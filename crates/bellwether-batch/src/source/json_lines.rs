//! One JSON object a line, read for three fields alone.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::fields::FieldNames;
use super::text_lines::TextLine;
use crate::{Document, DocumentId, RecordError, RecordErrorKind};

/// A line that holds an object, not yet parsed.
#[derive(Debug)]
pub(super) struct JsonLine {
    pub(super) line: TextLine,
    pub(super) fields: Arc<FieldNames>,
}

impl JsonLine {
    pub(super) fn into_document(self) -> Result<Document, RecordError> {
        let Self { line, fields } = self;
        let found = fields.parse(&line.text).map_err(|error| line.error(RecordErrorKind::InvalidJson, error))?;
        let Some(text) = found.text else {
            let message = format!("{}: the object has no string in its field {:?}", line.place, fields.text);
            let id = found.id.unwrap_or_else(|| line.place.into());
            return Err(RecordError::new(id, RecordErrorKind::MissingText, message));
        };
        let id = found.id.unwrap_or_else(|| line.place.into());
        Ok(Document { lang: found.lang, ..Document::new(id, text) })
    }
}

/// What an object held of them.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) text: Option<String>,
    pub(super) id: Option<DocumentId>,
    pub(super) lang: Option<String>,
}

impl FieldNames {
    pub(super) fn parse(&self, line: &str) -> serde_json::Result<Found> {
        let mut deserializer = serde_json::Deserializer::from_str(line);
        let found = self.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(found)
    }
}

impl<'de> DeserializeSeed<'de> for &FieldNames {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &FieldNames {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found, A::Error> {
        let mut found = Found::default();
        while let Some(key) = map.next_key::<String>()? {
            if key == self.text {
                found.text = string(map.next_value()?);
            } else if key == self.id {
                found.id = match map.next_value()? {
                    Value::String(text) => Some(DocumentId::Text(text)),
                    Value::Number(number) => Some(DocumentId::Number(number)),
                    _ => None,
                };
            } else if key == self.lang {
                found.lang = string(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

fn string(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}
