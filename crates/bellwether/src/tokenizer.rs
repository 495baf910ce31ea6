//! The model's vocabulary: words to token ids.

mod boundaries;
mod definition;
mod unigram;
mod word_cache;

use std::hint::black_box;
use std::ops::Range;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};
use crate::text_view::TextView;
use boundaries::Boundaries;
use definition::{Definition, WORD_BEGIN};
pub(crate) use unigram::Lattice;
use unigram::Unigram;
use word_cache::{Begin, Place, WordCache, Words};

/// The longest run without white space that is tokenized as one word, in characters.
///
/// A longer run is cut after every so many characters, and each cut is a word of its own, which
/// bounds the work and memory that one word can take.
pub const MAX_WORD_CHARS: usize = 256;

/// Words that are looked up together.
const TOGETHER: usize = 16;

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
    boundaries: Boundaries,
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
        let boundaries = Boundaries::new(&definition.model, |id| control_ids.binary_search(&id).is_err());
        let unigram = Unigram::new(definition.model).map_err(unusable)?;
        Ok(Self { unigram, begin_id, end_id, unknown_id, control_ids, boundaries, known: WordCache::new() })
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
        self.encode_words(word, words(word), &mut Lattice::default(), ids, |_, _| {});
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
        mut words: impl Iterator<Item = Range<usize>>,
        lattice: &mut Lattice,
        ids: &mut Vec<u32>,
        mut next: impl FnMut(Range<usize>, usize),
    ) {
        self.known.with(|known| {
            loop {
                let mut lookups = [const { WordLookup { word: 0..0, mark: None, place: Place::None } }; TOGETHER];
                let mut count = 0;
                for (lookup, word) in lookups.iter_mut().zip(&mut words) {
                    let mark = self.boundaries.mark(&text[word.clone()]);
                    let place = known.place(text, &stem(&word, mark), Begin::Word);
                    *lookup = WordLookup { word, mark, place };
                    count += 1;
                }
                // Memory is asked for the places of all words, one right behind the other, before the first is needed.
                black_box(lookups.iter().fold(0, |touched, lookup| touched ^ known.touch(&lookup.place)));
                for WordLookup { word, mark, place } in &lookups[..count] {
                    next(word.clone(), ids.len());
                    if !known.recall(place, ids) {
                        let first = ids.len();
                        self.cut(text, &stem(word, *mark), known, lattice, ids);
                        known.remember(place, &ids[first..]);
                    }
                    if let Some(mark) = mark {
                        ids.push(*mark);
                    }
                }
                if count < TOGETHER {
                    return;
                }
            }
        });
    }

    /// Appends the ids of a word that the thread does not know, of pieces that it knows if they are all that the word has.
    fn cut(&self, text: &str, word: &Range<usize>, known: &mut Words, lattice: &mut Lattice, ids: &mut Vec<u32>) {
        let first = ids.len();
        let is_in_pieces = self.cut_in_pieces(text, word, known, lattice, ids);
        if !is_in_pieces {
            ids.truncate(first);
            // A word begins with the mark, and each mark in it begins a piece.
            let mut rest = &text[word.clone()];
            while !rest.is_empty() {
                let piece = rest.strip_prefix(WORD_BEGIN).unwrap_or(rest);
                let (piece, after) = piece.split_at(piece.find(WORD_BEGIN).unwrap_or(piece.len()));
                self.likeliest(std::iter::once(WORD_BEGIN).chain(piece.chars()), lattice, ids);
                rest = after;
            }
        }
    }

    /// Appends the ids of a word by its pieces, if these are what the whole word would give; else `ids` is left with some more.
    fn cut_in_pieces(
        &self,
        text: &str,
        word: &Range<usize>,
        known: &mut Words,
        lattice: &mut Lattice,
        ids: &mut Vec<u32>,
    ) -> bool {
        let mut piece = word.start..word.start + self.boundaries.first(&text[word.clone()]);
        if piece == *word || text[word.clone()].contains(WORD_BEGIN) {
            return false;
        }
        let mut begin = Begin::Word;
        while !piece.is_empty() {
            let place = known.place(text, &piece, begin);
            if !known.recall(&place, ids) {
                let (first, chars) = (ids.len(), text[piece.clone()].chars());
                let is_sure = match begin {
                    // Nothing stands before it that could move it.
                    Begin::Word => {
                        self.likeliest(std::iter::once(WORD_BEGIN).chain(chars), lattice, ids);
                        true
                    }
                    Begin::Inside => self.likeliest(chars, lattice, ids),
                };
                if !is_sure {
                    return false;
                }
                known.remember(&place, &ids[first..]);
            }
            begin = Begin::Inside;
            piece = piece.end..piece.end + self.boundaries.first(&text[piece.end..word.end]);
        }
        true
    }

    /// Appends the ids of the likeliest tokens of some characters; says what [`Unigram::cut`] says.
    fn likeliest(&self, chars: impl Iterator<Item = char>, lattice: &mut Lattice, ids: &mut Vec<u32>) -> bool {
        let first = ids.len();
        let is_sure = self.unigram.cut(chars, lattice, ids);
        for id in &mut ids[first..] {
            *id = self.as_text(*id);
        }
        is_sure
    }

    /// The vocabulary holds control tokens too, with the best score there is, so text that spells one out finds it.
    fn as_text(&self, id: u32) -> u32 {
        if self.control_ids.binary_search(&id).is_ok() { self.unknown_id } else { id }
    }
}

/// A word that is being looked up.
struct WordLookup {
    word: Range<usize>,
    /// The token of the sign that the word ends with, if it is one of its own.
    mark: Option<u32>,
    /// Where the rest is kept.
    place: Place,
}

/// What a word is without its mark, which has one byte.
fn stem(word: &Range<usize>, mark: Option<u32>) -> Range<usize> {
    word.start..word.end - usize::from(mark.is_some())
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
