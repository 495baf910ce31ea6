//! A tokenizer as `tokenizer.json` defines it.

use serde::Deserialize;

/// What a word begins with in a Metaspace vocabulary.
pub(super) const WORD_BEGIN: char = '\u{2581}';

/// The content of a `tokenizer.json` of the Hugging Face `tokenizers` library, version 1.0, as far as it decides about ids.
/// Truncation, padding and post-processing are the windows' business, and decoding is nobody's.
#[derive(Deserialize)]
pub(super) struct Definition {
    pub(super) version: String,
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    normalizer: Option<serde_json::Value>,
    pre_tokenizer: Option<PreTokenizer>,
    pub(super) model: Model,
}

#[derive(Deserialize)]
struct AddedToken {
    id: u32,
    content: String,
    special: bool,
}

#[derive(Deserialize, PartialEq)]
#[serde(tag = "type")]
enum PreTokenizer {
    Sequence { pretokenizers: Vec<PreTokenizer> },
    WhitespaceSplit,
    Metaspace { replacement: char, prepend_scheme: String, split: bool },
}

#[derive(Deserialize)]
pub(super) struct Model {
    #[serde(rename = "type")]
    kind: String,
    pub(super) unk_id: Option<usize>,
    #[serde(default)]
    byte_fallback: bool,
    /// Tokens and the logarithms of their probabilities; a token's place is its id.
    pub(super) vocab: Vec<(String, f64)>,
}

impl Definition {
    /// Reads a definition; an error says why it is none that [`Tokenizer`](super::Tokenizer) can follow.
    pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
        let definition: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let pre_tokenizer = PreTokenizer::Sequence {
            pretokenizers: vec![
                PreTokenizer::WhitespaceSplit,
                PreTokenizer::Metaspace { replacement: WORD_BEGIN, prepend_scheme: "always".into(), split: true },
            ],
        };
        let refused = if definition.version != "1.0" {
            "its version is not 1.0"
        } else if definition.model.kind != "Unigram" {
            "its model is not of the Unigram kind"
        } else if definition.model.byte_fallback {
            "its model falls back to bytes"
        } else if definition.normalizer.is_some() {
            "it has a normalizer, and texts are normalised already"
        } else if definition.pre_tokenizer != Some(pre_tokenizer) {
            "its pre_tokenizer is not WhitespaceSplit followed by Metaspace, which begins every word and splits"
        } else if definition.added_tokens.iter().any(|token| !token.special) {
            "it has added tokens that are not special"
        } else if definition.added_tokens.iter().any(|token| definition.token(token.id) != Some(&*token.content)) {
            "it has added tokens that its vocabulary does not have at their ids"
        } else {
            return Ok(definition);
        };
        Err(refused.to_owned())
    }

    /// The ids of added tokens, none of which stands for text.
    pub(super) fn special_ids(&self) -> impl Iterator<Item = u32> {
        self.added_tokens.iter().map(|token| token.id)
    }

    /// The id of a token.
    pub(super) fn id_of(&self, token: &str) -> Result<u32, String> {
        let place = self.model.vocab.iter().position(|(known, _)| known == token);
        place.and_then(|id| u32::try_from(id).ok()).ok_or_else(|| format!("its vocabulary has no {token} token"))
    }

    fn token(&self, id: u32) -> Option<&str> {
        self.model.vocab.get(id as usize).map(|(token, _)| &**token)
    }
}
