//! A whole document as overlapping windows of tokens.

use std::num::NonZeroUsize;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::probability::Probability;
use crate::text_view::TextView;
use crate::tokenizer::{Lattice, Tokenizer, words};

/// Words that are tokenized together: no more than these are tokenized past the last window.
const WORDS_TOGETHER: usize = 256;

/// Room is made beforehand for as many words and tokens as most texts have; others make more.
const BYTES_A_WORD: usize = 5;
const BYTES_A_TOKEN: usize = 3;

/// How documents are cut into the windows that the model reads one at a time.
///
/// # Examples
///
/// ```
/// use bellwether::WindowPlan;
///
/// // 126 tokens of text a window, a third of them shared with the next.
/// let plan = WindowPlan::new(126, 42, 64).expect("the overlap is below a window");
/// assert_eq!(plan.max_document_tokens(), 63 * 84 + 126);
/// assert!(WindowPlan::new(126, 126, 64).is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WindowSizes", into = "WindowSizes")]
pub struct WindowPlan {
    content_tokens: usize,
    overlap: usize,
    max_windows: usize,
}

/// A plan as it is written down, before anybody has looked whether it is possible.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WindowSizes {
    content_tokens: usize,
    overlap: usize,
    max_windows: usize,
}

impl TryFrom<WindowSizes> for WindowPlan {
    type Error = &'static str;

    fn try_from(sizes: WindowSizes) -> Result<Self, Self::Error> {
        Self::new(sizes.content_tokens, sizes.overlap, sizes.max_windows)
            .ok_or("windows need an overlap above zero and below content_tokens, and max_windows above zero")
    }
}

impl From<WindowPlan> for WindowSizes {
    fn from(plan: WindowPlan) -> Self {
        let WindowPlan { content_tokens, overlap, max_windows } = plan;
        Self { content_tokens, overlap, max_windows }
    }
}

/// The windows of one document, and how much of it they hold.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Windows {
    /// In the order of the text; at least one.
    pub windows: Vec<Window>,
    /// The share of the view's bytes that was read, up to the last word that was read whole.
    ///
    /// It is below 1 exactly if text was left out because the document has more than the plan's
    /// most windows hold, and 1 for an empty text.
    pub coverage: Probability,
}

/// One window: what the model reads in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// Token ids, with the begin id in front and the end id behind.
    pub ids: Vec<u32>,
    /// The bytes of the original text that the tokens are from, widened to whole words; `0..0` in
    /// an empty text.
    ///
    /// Both ends are character boundaries. A word that a window's edge cuts is in the range of
    /// both windows.
    pub range: Range<usize>,
}

/// A word that was tokenized.
struct Word {
    first_token: usize,
    /// In bytes of the view.
    range: Range<usize>,
}

impl WindowPlan {
    /// Makes a plan of windows with `content_tokens` tokens of text each (the two control tokens
    /// come on top), of which at least `overlap` are also in the next window, and of at most
    /// `max_windows` windows a document.
    ///
    /// None if one of the three is zero or the overlap is not below the tokens of a window.
    #[must_use]
    pub fn new(content_tokens: usize, overlap: usize, max_windows: usize) -> Option<Self> {
        let is_possible = 0 < overlap && overlap < content_tokens && 0 < max_windows;
        is_possible.then_some(Self { content_tokens, overlap, max_windows })
    }

    /// The tokens of text a window, without its two control tokens; at least 2.
    #[must_use]
    pub fn content_tokens(&self) -> usize {
        self.content_tokens
    }

    /// The tokens that consecutive windows share at the least; below the tokens of a window.
    #[must_use]
    pub fn overlap(&self) -> usize {
        self.overlap
    }

    /// The most windows a document is given; at least 1.
    #[must_use]
    pub fn max_windows(&self) -> usize {
        self.max_windows
    }

    /// The tokens of text that the most windows hold together. What a document has beyond these is
    /// neither tokenized nor read.
    #[must_use]
    pub fn max_document_tokens(&self) -> usize {
        (self.max_windows - 1).saturating_mul(self.stride()).saturating_add(self.content_tokens)
    }

    /// The same plan with another limit on windows.
    pub(crate) fn with_max_windows(self, max_windows: NonZeroUsize) -> Self {
        Self { max_windows: max_windows.get(), ..self }
    }

    fn stride(&self) -> usize {
        self.content_tokens - self.overlap
    }

    /// Tokenizes a document from its beginning as far as the windows reach, and cuts it.
    ///
    /// A document that fits in one window gets one, without padding; an empty one too. Any other gets as many as it needs, all of
    /// one length, at equal distances: no longer than to share the overlap, since a full window costs as much as a text of its length.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use std::path::Path;
    /// use bellwether::{TextView, Tokenizer, WindowPlan};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let path = Path::new("models/multilingual-small/tokenizer.json");
    /// # let tokenizer = Tokenizer::from_json(&std::fs::read(path)?, path)?;
    /// let plan = WindowPlan::new(126, 42, 64).ok_or("not a possible plan")?;
    /// let cut = plan.windows(&TextView::new("a short text"), &tokenizer);
    /// assert_eq!(cut.windows.len(), 1);
    /// assert_eq!(cut.windows[0].range, 0..12);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn windows(&self, view: &TextView, tokenizer: &Tokenizer) -> Windows {
        let text = view.as_str();
        let limit = self.max_document_tokens();
        let mut read: Vec<Word> = Vec::with_capacity(text.len() / BYTES_A_WORD + 1);
        let mut ids = Vec::with_capacity(text.len() / BYTES_A_TOKEN + 1);
        let mut lattice = Lattice::default();
        let mut words = words(text);
        let mut is_stopped = false;
        while !is_stopped {
            let before = read.len();
            tokenizer.encode_words(text, words.by_ref().take(WORDS_TOGETHER), &mut lattice, &mut ids, |range, first_token| {
                read.push(Word { first_token, range });
            });
            if read.len() == before {
                break;
            }
            let reached = read.partition_point(|word| word.first_token < limit);
            if let Some(beyond) = read.get(reached) {
                is_stopped = true;
                ids.truncate(beyond.first_token);
                read.truncate(reached);
            }
        }

        let mut whole = read.len();
        if ids.len() > limit {
            // The last word has tokens past the last window.
            is_stopped = true;
            whole -= 1;
            ids.truncate(limit);
        }
        let coverage = if is_stopped {
            let read_to = read[..whole].last().map_or(0, |word| word.range.end);
            let share = Probability::share(read_to, text.len());
            // Rounding must not claim a whole text.
            Probability::new(share.get().min(1.0_f32.next_down())).unwrap_or(share)
        } else {
            Probability::ONE
        };
        let windows = self
            .ranges(ids.len())
            .map(|tokens| {
                let mut window = Vec::with_capacity(tokens.len() + 2);
                window.push(tokenizer.begin_id());
                window.extend_from_slice(&ids[tokens.clone()]);
                window.push(tokenizer.end_id());
                Window { ids: window, range: source_of(&read, tokens, view) }
            })
            .collect();
        Windows { windows, coverage }
    }

    /// The tokens of each window of a document that has so many, no more than [`WindowPlan::max_document_tokens`].
    fn ranges(&self, tokens: usize) -> impl Iterator<Item = Range<usize>> {
        let overlaps = tokens.saturating_sub(self.content_tokens).div_ceil(self.stride());
        let length = (tokens + overlaps * self.overlap).div_ceil(overlaps + 1);
        let last = tokens - length;
        (0..=overlaps).map(move |window| {
            // Without an overlap, the first is the last.
            let start = window * last / overlaps.max(1);
            start..start + length
        })
    }
}

/// The bytes of the original that the words of a range of tokens are from.
fn source_of(read: &[Word], tokens: Range<usize>, view: &TextView) -> Range<usize> {
    let after_first = read.partition_point(|word| word.first_token <= tokens.start);
    let after_last = read.partition_point(|word| word.first_token < tokens.end);
    let words = read.get(after_first.saturating_sub(1)..after_last).unwrap_or_default();
    match words {
        [] => 0..0,
        [first, ..] => {
            let end = words.last().map_or(first.range.end, |last| last.range.end);
            view.original_range(first.range.start..end)
        }
    }
}
