//! The model's vocabulary: words to token ids.

use std::fmt::Display;
use std::ops::Range;
use std::path::Path;

use tokenizers::pipeline::{EncodeOptions, Override, PipelineModel, PipelineToken, PipelineTokenizer};

use crate::error::{Error, ErrorKind, Result};
use crate::text_view::TextView;

/// The longest run without white space that is tokenized as one word, in characters.
///
/// A longer run is cut after every so many characters, and each cut is a word of its own, which
/// bounds the work and memory that one word can take.
pub const MAX_WORD_CHARS: usize = 256;

const BEGIN: &str = "<s>";
const END: &str = "</s>";
const UNKNOWN: &str = "<unk>";

/// Turns normalised text into the token ids that the model was trained on.
///
/// Only text becomes tokens: a text that spells out a control token, such as `</s>`, never yields
/// that token's id. It is cheap to share between threads by reference, and does not start any.
///
/// # Examples
///
/// ```no_run
/// use std::path::Path;
///
/// use bellwether::{TextView, Tokenizer};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let path = Path::new("models/multilingual-small/tokenizer.json");
/// let tokenizer = Tokenizer::from_json(&std::fs::read(path)?, path)?;
/// let ids = tokenizer.encode(&TextView::new("two words"))?;
/// assert!(ids.len() >= 2);
/// # Ok(())
/// # }
/// ```
pub struct Tokenizer {
    pipeline: PipelineTokenizer,
    options: EncodeOptions,
    begin_id: u32,
    end_id: u32,
    unknown_id: u32,
    /// Ids that stand for no text. Sorted.
    control_ids: Vec<u32>,
    vocabulary_size: usize,
}

impl Tokenizer {
    /// Reads a tokenizer from the content of its `tokenizer.json`, of the current or an older
    /// format; `path` is where it came from and is only for the error.
    ///
    /// # Errors
    ///
    /// If the content is not such a file, its model is not of the Unigram kind, or it lacks one of
    /// the tokens `<s>`, `</s>` and `<unk>`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use bellwether::Tokenizer;
    ///
    /// let error = Tokenizer::from_json(b"{}", Path::new("tokenizer.json")).err();
    /// assert!(error.is_some_and(|error| error.is_model_damaged()));
    /// ```
    pub fn from_json(bytes: &[u8], path: &Path) -> Result<Self> {
        let unusable = |detail: String| Error::from(ErrorKind::Model { path: path.to_path_buf(), detail });
        let json = std::str::from_utf8(bytes).map_err(|error| unusable(error.to_string()))?;
        let json = tokenizers::canonicalize_str(json).map_err(|error| unusable(error.to_string()))?;
        let pipeline = tokenizers::from_json(&json).map_err(|error| unusable(error.to_string()))?;

        let PipelineModel::Unigram(model) = pipeline.get_model() else {
            return Err(unusable("its model is not of the Unigram kind".to_owned()));
        };
        let id_of =
            |token: &str| model.token_to_id(token).ok_or_else(|| unusable(format!("its vocabulary has no {token} token")));
        let (begin_id, end_id, unknown_id) = (id_of(BEGIN)?, id_of(END)?, id_of(UNKNOWN)?);
        let vocabulary_size = model.len();
        let added = pipeline.get_added_vocabulary().get_added_tokens_decoder();
        let mut control_ids: Vec<u32> = added.iter().filter(|(_, token)| token.special).map(|(&id, _)| id).collect();
        control_ids.extend([begin_id, end_id]);
        control_ids.retain(|&id| id != unknown_id);
        control_ids.sort_unstable();
        control_ids.dedup();

        let options = EncodeOptions {
            add_special_tokens: false,
            encode_special_tokens: true,
            padding: Override::Off,
            truncation: Override::Off,
        };
        Ok(Self { pipeline, options, begin_id, end_id, unknown_id, control_ids, vocabulary_size })
    }

    /// The id of `<s>`, which every window begins with.
    #[must_use]
    pub fn begin_id(&self) -> u32 {
        self.begin_id
    }

    /// The id of `</s>`, which every window ends with.
    #[must_use]
    pub fn end_id(&self) -> u32 {
        self.end_id
    }

    /// The id of `<unk>`, which stands for any text that the vocabulary has no token for.
    #[must_use]
    pub fn unknown_id(&self) -> u32 {
        self.unknown_id
    }

    /// How many tokens the vocabulary has; every id is below this.
    #[must_use]
    pub fn vocabulary_size(&self) -> usize {
        self.vocabulary_size
    }

    /// Appends the ids of one word to `ids`; a word is a part of a view without white space.
    ///
    /// A word of more than [`MAX_WORD_CHARS`] characters counts as several, and an empty one adds
    /// nothing.
    ///
    /// # Errors
    ///
    /// If the tokenizer fails, which a vocabulary that [`Tokenizer::from_json`] accepts does not
    /// do on any text known to us. `ids` may have grown by part of the word then.
    pub fn encode_word(&self, word: &str, ids: &mut Vec<u32>) -> Result<()> {
        let mut tokens = Vec::new();
        words(word).try_for_each(|range| self.encode_cut(&word[range], &mut tokens, ids))
    }

    /// The ids of a whole text, in order, without any control token.
    ///
    /// The same as those of its words one after another.
    ///
    /// # Errors
    ///
    /// As [`Tokenizer::encode_word`].
    pub fn encode(&self, view: &TextView) -> Result<Vec<u32>> {
        let mut ids = Vec::new();
        self.encode_word(view.as_str(), &mut ids)?;
        Ok(ids)
    }

    /// Appends the ids of one range of [`words`] to `ids`; `tokens` is room to work in.
    pub(crate) fn encode_cut(&self, word: &str, tokens: &mut Vec<PipelineToken>, ids: &mut Vec<u32>) -> Result<()> {
        tokens.clear();
        self.pipeline.encode_into(word, &self.options, tokens).map_err(failed)?;
        ids.extend(tokens.iter().map(|token| self.as_text(token.id())));
        Ok(())
    }

    /// The option to encode special tokens only keeps them from being cut out beforehand: the
    /// model's own vocabulary holds them too, with the best score there is.
    fn as_text(&self, id: u32) -> u32 {
        if self.control_ids.binary_search(&id).is_ok() { self.unknown_id } else { id }
    }
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokenizer").field("vocabulary_size", &self.vocabulary_size).finish_non_exhaustive()
    }
}

fn failed(error: impl Display) -> Error {
    ErrorKind::Tokenization { detail: error.to_string() }.into()
}

/// The byte ranges of the words of a view's text: what stands between spaces, with anything longer
/// than [`MAX_WORD_CHARS`] cut.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].bytes().take_while(|&byte| byte == b' ').count();
        let rest = &text[at..];
        let (end, _) = rest
            .char_indices()
            .enumerate()
            .find(|&(count, (_, c))| count == MAX_WORD_CHARS || c == ' ')
            .map_or((rest.len(), ' '), |(_, found)| found);
        let word = at..at + end;
        at = word.end;
        (!word.is_empty()).then_some(word)
    })
}
