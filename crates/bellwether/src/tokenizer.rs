//! The model's vocabulary: words to token ids.

mod definition;
mod unigram;
mod word_cache;

use std::ops::Range;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::text_view::TextView;
use definition::{Definition, WORD_BEGIN};
pub(crate) use unigram::Lattice;
use unigram::Unigram;
use word_cache::WordCache;

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
/// let ids = tokenizer.encode(&TextView::new("two words"));
/// assert!(ids.len() >= 2);
/// # Ok(())
/// # }
/// ```
pub struct Tokenizer {
    unigram: Unigram,
    begin_id: u32,
    end_id: u32,
    unknown_id: u32,
    /// Ids that stand for no text. Sorted.
    control_ids: Vec<u32>,
    known: WordCache,
}

impl Tokenizer {
    /// Reads a tokenizer from the content of its `tokenizer.json`; `path` is where it came from and is only for the error.
    ///
    /// # Errors
    ///
    /// If the content is not such a file of version 1.0, its model is not of the Unigram kind, it treats text in another way
    /// than splitting it at white space and beginning each word with `\u{2581}`, or it lacks one of the tokens `<s>`, `</s>`
    /// and `<unk>`.
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
        let definition = Definition::parse(bytes).map_err(unusable)?;
        let id_of = |token| definition.id_of(token).map_err(unusable);
        let (begin_id, end_id, unknown_id) = (id_of(BEGIN)?, id_of(END)?, id_of(UNKNOWN)?);
        let mut control_ids: Vec<u32> = definition.special_ids().chain([begin_id, end_id]).collect();
        control_ids.retain(|&id| id != unknown_id);
        control_ids.sort_unstable();
        control_ids.dedup();
        let unigram = Unigram::new(definition.model).map_err(unusable)?;
        Ok(Self { unigram, begin_id, end_id, unknown_id, control_ids, known: WordCache::new() })
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
        self.unigram.vocabulary_size()
    }

    /// Appends the ids of one word to `ids`; a word is a part of a view without white space.
    ///
    /// A word of more than [`MAX_WORD_CHARS`] characters counts as several, and an empty one adds
    /// nothing.
    pub fn encode_word(&self, word: &str, ids: &mut Vec<u32>) {
        let words: Vec<_> = words(word).collect();
        self.encode_words(word, &words, &mut Lattice::default(), ids, |_, _| {});
    }

    /// The ids of a whole text, in order, without any control token.
    ///
    /// The same as those of its words one after another.
    #[must_use]
    pub fn encode(&self, view: &TextView) -> Vec<u32> {
        let mut ids = Vec::new();
        self.encode_word(view.as_str(), &mut ids);
        ids
    }

    /// Appends the ids of some of the [`words`] of a text to `ids`, and tells `next` before each how many there are.
    pub(crate) fn encode_words(
        &self,
        text: &str,
        words: &[Range<usize>],
        lattice: &mut Lattice,
        ids: &mut Vec<u32>,
        next: impl FnMut(&Range<usize>, usize),
    ) {
        self.known.append(text, words, ids, next, |word, ids| {
            let first = ids.len();
            // A word begins with the mark, and each mark in it begins a piece.
            let mut rest = &text[word.clone()];
            while !rest.is_empty() {
                let piece = rest.strip_prefix(WORD_BEGIN).unwrap_or(rest);
                let (piece, after) = piece.split_at(piece.find(WORD_BEGIN).unwrap_or(piece.len()));
                self.unigram.cut(std::iter::once(WORD_BEGIN).chain(piece.chars()), lattice, ids);
                rest = after;
            }
            for id in &mut ids[first..] {
                *id = self.as_text(*id);
            }
        });
    }

    /// The vocabulary holds control tokens too, with the best score there is, so text that spells one out finds it.
    fn as_text(&self, id: u32) -> u32 {
        if self.control_ids.binary_search(&id).is_ok() { self.unknown_id } else { id }
    }
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokenizer").field("vocabulary_size", &self.vocabulary_size()).finish_non_exhaustive()
    }
}

/// The byte ranges of the words of a view's text: what stands between spaces, with anything longer
/// than [`MAX_WORD_CHARS`] cut.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].bytes().take_while(|&byte| byte == b' ').count();
        let rest = &text[at..];
        let end = memchr::memchr(b' ', rest.as_bytes()).unwrap_or(rest.len());
        // A word of few bytes has few characters.
        let end =
            if end <= MAX_WORD_CHARS { end } else { rest[..end].char_indices().nth(MAX_WORD_CHARS).map_or(end, |(cut, _)| cut) };
        let word = at..at + end;
        at = word.end;
        (!word.is_empty()).then_some(word)
    })
}
