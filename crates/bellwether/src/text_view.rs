//! The text as the model reads it, with the way back to the bytes it came from.

mod capitals;
mod disguise;
mod plain;
mod repeats;

use std::ops::Range;

use memchr::memchr;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc_quick};

/// A normalised copy of a text that can say which bytes of the original any of its bytes stand for.
///
/// The view is made in five steps, in this order:
///
/// 1. Code points that are invisible and only steer rendering are removed: soft hyphen, joiners,
///    bidirectional controls, variation selectors, tags, byte order marks and fillers; and the Arabic
///    tatweel, alone or under a mark, which only stretches a word.
/// 2. What remains is put in Unicode normalisation form NFKC as one string, so a letter and an
///    accent compose even if an invisible character stood between them.
/// 3. Every run of white space and control characters becomes one ASCII space, and none is left at
///    either end.
/// 4. Words in a disguised spelling are written plainly: three or more letters with spaces, dots or
///    the like between them, Latin letters in a Cyrillic word and the other way round where they
///    look alike, figures that stand for letters (`m33t`), and letters three times or more in a row
///    in a word of five or more.
/// 5. Three or more words in capitals one after another are written in small letters.
///
/// Making a view of a view changes nothing. Time and memory grow with the length of the text,
/// whatever it holds, and a text that normalisation leaves alone costs its own copy and no more.
///
/// # Examples
///
/// ```
/// use bellwether::TextView;
///
/// let original = "  \u{FF28}i\u{200B}dden\n\n word";
/// let view = TextView::new(original);
/// assert_eq!(view.as_str(), "Hidden word");
///
/// let range = view.original_range(0..6);
/// assert_eq!(&original[range], "\u{FF28}i\u{200B}dden");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextView {
    text: String,
    original_len: usize,
    /// From the view to the text with its disguises, and from there to the original.
    plain: Runs,
    normalised: Runs,
}

/// What the bytes of one text stand for in another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Runs {
    /// In the order of the text, without gaps; none if every byte stands for itself.
    runs: Vec<Run>,
    /// Where the last run ends in the other text.
    source_end: usize,
}

/// A stretch of the view made of equal blocks: each `view_unit` bytes of it stand for the next
/// `source_unit` bytes of the original. Text that was copied has both units at one byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    view_start: usize,
    source_start: usize,
    view_unit: usize,
    source_unit: usize,
}

impl Run {
    /// The original bytes that the block with the view's byte `position` stands for.
    fn source_of(&self, position: usize) -> Range<usize> {
        let block = (position - self.view_start) / self.view_unit;
        let start = self.source_start + block * self.source_unit;
        start..start + self.source_unit
    }
}

impl TextView {
    /// Makes the view of a text.
    ///
    /// Any string is accepted. The view is empty when the text has nothing visible in it.
    ///
    /// # Examples
    ///
    /// ```
    /// use bellwether::TextView;
    ///
    /// assert_eq!(TextView::new("e\u{0301}\u{00A0}\u{FB01}n").as_str(), "\u{E9} fin");
    /// assert_eq!(TextView::new("\u{FEFF}\t\u{200B}").as_str(), "");
    /// ```
    #[must_use]
    pub fn new(original: &str) -> Self {
        Builder::new(original).build()
    }

    /// The normalised text.
    ///
    /// Words in it are parted by exactly one ASCII space; no other white space and no control
    /// character occurs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The length of the original text, in bytes.
    #[must_use]
    pub fn original_len(&self) -> usize {
        self.original_len
    }

    /// The bytes of the original text that a byte range of the view stands for.
    ///
    /// Both ends of the answer are character boundaries of the original, and it never runs
    /// backwards: a range that starts or ends later in the view does not start or end earlier in
    /// the original. Where several characters became one, or one became several, any part of them
    /// in the view answers with all of them in the original. An end within a character of the view,
    /// or past the end of it, is moved outwards, or back to the end. An empty range answers with an
    /// empty one unless it lies within such a group of characters.
    ///
    /// # Examples
    ///
    /// ```
    /// use bellwether::TextView;
    ///
    /// // One ligature of three bytes becomes the two letters `fi`.
    /// let view = TextView::new("a \u{FB01}n");
    /// assert_eq!(view.as_str(), "a fin");
    /// assert_eq!(view.original_range(2..3), 2..5);
    /// assert_eq!(view.original_range(0..5), 0..6);
    /// ```
    #[must_use]
    pub fn original_range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(range.start);
        let end = self.text.ceil_char_boundary(range.end).max(start);
        // Nothing begins behind the last byte.
        let is_at_end = start == self.text.len();
        let mut place = start..end;
        for runs in [&self.plain, &self.normalised] {
            let from = if is_at_end { runs.end_of(place.start) } else { runs.start_of(place.start) };
            place = from..runs.end_of(place.end).max(from);
        }
        place
    }
}

impl Runs {
    fn start_of(&self, position: usize) -> usize {
        self.at(position).map_or(position, |run| run.source_of(position).start)
    }

    fn end_of(&self, position: usize) -> usize {
        let Some(last) = position.checked_sub(1) else {
            return 0;
        };
        self.at(last).map_or(position, |run| run.source_of(last).end)
    }

    /// The run that holds a byte; none if every byte stands for itself.
    fn at(&self, position: usize) -> Option<&Run> {
        let after = self.runs.partition_point(|run| run.view_start <= position);
        self.runs.get(after.checked_sub(1)?)
    }

    /// Notes what the text from `view_start` on stands for, in the last run if that can go on.
    fn add(&mut self, view_start: usize, source: Range<usize>, view_unit: usize, source_unit: usize) {
        let goes_on = self.runs.last().is_some_and(|last| {
            last.view_unit == view_unit && last.source_unit == source_unit && self.source_end == source.start
        });
        if !goes_on {
            self.runs.push(Run { view_start, source_start: source.start, view_unit, source_unit });
        }
        self.source_end = source.end;
    }
}

/// Code points that say nothing, which hostile text hides words with.
fn is_removed(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{640}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FCF2}'..='\u{FCF4}' | '\u{FE71}'
        | '\u{FE77}' | '\u{FE79}' | '\u{FE7B}' | '\u{FE7D}' | '\u{FE7F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{E0000}'..='\u{E0FFF}')
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Whether normalising the text before this character and the text from it on apart gives the same
/// as normalising both together.
///
/// It is the first character of the decomposition that decides: it must neither move before what
/// precedes it (class above zero) nor be able to combine with it (quick check "maybe", which vowel
/// signs and Hangul vowels and finals have although their class is zero).
fn starts_segment(c: char) -> bool {
    if c.is_ascii() {
        return true;
    }
    let mut first = None;
    decompose_compatible(c, |part| {
        first.get_or_insert(part);
    });
    let first = first.unwrap_or(c);
    canonical_combining_class(first) == 0 && is_nfc_quick(std::iter::once(first)) == IsNormalized::Yes
}

/// A stretch of filtered text that is normalised by itself.
#[derive(Default)]
struct Segment {
    filtered: String,
    source: Range<usize>,
}

struct Builder<'a> {
    original: &'a str,
    text: String,
    runs: Runs,
    /// The original bytes of white space that is not written yet, since it may be trailing.
    blank: Option<Range<usize>>,
    segment: Segment,
    normalised: String,
}

impl<'a> Builder<'a> {
    fn new(original: &'a str) -> Self {
        Self {
            original,
            text: String::with_capacity(original.len()),
            runs: Runs::default(),
            blank: None,
            segment: Segment::default(),
            normalised: String::new(),
        }
    }

    /// Words of plain characters, nearly all there are, are copied together; only others are looked at by character.
    fn build(mut self) -> TextView {
        let original = self.original;
        let mut at = 0;
        loop {
            let plain = at + plain::prefix(&original[at..]);
            if plain == original.len() {
                self.copy_plain(at..plain);
                return self.finish();
            }
            // No character combines with white space before it, so a word can be taken by itself.
            let word = original[at..plain].rfind(plain::is_blank).map_or(at, |blank| at + blank + 1);
            let end = original[plain..].find(plain::is_blank).map_or(original.len(), |blank| plain + blank);
            self.copy_plain(at..word);
            self.normalise(word..end);
            at = end;
        }
    }

    /// Writes a part of the original that is normalised by itself.
    fn normalise(&mut self, source: Range<usize>) {
        let original = self.original;
        let text = &original[source.clone()];
        if is_nfkc_quick(text.chars()) == IsNormalized::Yes && !text.contains(is_removed) {
            self.copy(source);
            return;
        }
        for (at, c) in text.char_indices() {
            if !is_removed(c) {
                if starts_segment(c) {
                    self.end_segment();
                }
                self.extend_segment(source.start + at, c);
            }
        }
        self.end_segment();
    }

    fn finish(mut self) -> TextView {
        let all_copied = matches!(self.runs.runs[..], [Run { source_start: 0, view_unit: 1, source_unit: 1, .. }]);
        if all_copied && self.text.len() == self.original.len() {
            self.runs = Runs::default();
        }
        let (text, plain) = written_plainly(self.text);
        let mut text = capitals::written_small(text);
        text.shrink_to_fit();
        self.runs.runs.shrink_to_fit();
        TextView { text, original_len: self.original.len(), plain, normalised: self.runs }
    }

    fn extend_segment(&mut self, at: usize, c: char) {
        if self.segment.filtered.is_empty() {
            self.segment.source.start = at;
        }
        self.segment.filtered.push(c);
        self.segment.source.end = at + c.len_utf8();
    }

    /// Writes what the segment normalises to, and leaves it empty.
    fn end_segment(&mut self) {
        if self.segment.filtered.is_empty() {
            return;
        }
        let mut filtered = std::mem::take(&mut self.segment.filtered);
        let source = self.segment.source.clone();
        let is_whole = filtered.len() == source.len();
        if is_whole && is_nfkc_quick(filtered.chars()) == IsNormalized::Yes {
            self.copy(source);
        } else {
            let mut normalised = std::mem::take(&mut self.normalised);
            normalised.clear();
            normalised.extend(filtered.nfkc());
            if is_whole && normalised == filtered {
                self.copy(source);
            } else {
                self.replace(&source, &normalised);
            }
            self.normalised = normalised;
        }
        filtered.clear();
        self.segment.filtered = filtered;
    }

    /// Writes a part of the original of plain characters and ASCII white space.
    fn copy_plain(&mut self, source: Range<usize>) {
        let bytes = &self.original.as_bytes()[..source.end];
        let mut copied = source.start;
        while let Some(at) = plain::next_folded(bytes, copied) {
            self.copy_word(copied..at);
            copied = at + 1;
            self.add_blank(&(at..copied));
        }
        self.copy_word(copied..source.end);
    }

    /// Writes a part of the original that normalisation leaves as it is, apart from white space.
    fn copy(&mut self, source: Range<usize>) {
        let original = self.original;
        let mut copied = source.start;
        for (offset, blank) in original[source.clone()].match_indices(is_blank) {
            let at = source.start + offset;
            self.copy_word(copied..at);
            copied = at + blank.len();
            self.add_blank(&(at..copied));
        }
        self.copy_word(copied..source.end);
    }

    fn copy_word(&mut self, source: Range<usize>) {
        if !source.is_empty() {
            self.write_blank();
            self.add_run(source.clone(), 1, 1);
            self.text.push_str(&self.original[source]);
        }
    }

    /// Writes text that stands for a part of the original only as a whole.
    fn replace(&mut self, source: &Range<usize>, with: &str) {
        for (index, word) in with.split(is_blank).enumerate() {
            if index > 0 {
                self.add_blank(source);
            }
            if !word.is_empty() {
                self.write_blank();
                self.add_run(source.clone(), word.len(), source.len());
                self.text.push_str(word);
            }
        }
    }

    fn add_blank(&mut self, source: &Range<usize>) {
        match &mut self.blank {
            Some(blank) => blank.end = source.end,
            None => self.blank = Some(source.clone()),
        }
    }

    fn write_blank(&mut self) {
        if let Some(source) = self.blank.take()
            && !self.text.is_empty()
        {
            self.add_run(source.clone(), 1, source.len());
            self.text.push(' ');
        }
    }

    /// Notes what the next text to be written stands for.
    fn add_run(&mut self, source: Range<usize>, view_unit: usize, source_unit: usize) {
        self.runs.add(self.text.len(), source, view_unit, source_unit);
    }
}

/// The text with its disguised words in plain spelling, and what its bytes stand for in the text.
fn written_plainly(text: String) -> (String, Runs) {
    let mut plain = String::new();
    let mut runs = Runs::default();
    let has_repeats = repeats::may_be_repeated(text.as_bytes());
    // What stands before this is in `plain`.
    let mut copied = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let word = &rest[..memchr(b' ', rest.as_bytes()).unwrap_or(rest.len())];
        let parted = if disguise::may_be_parted_letter(word) { disguise::parted_letters(rest.split(' ')) } else { 0 };
        let (length, spelling) = if parted > 0 {
            let letters: String = rest.split(' ').take(parted).collect();
            (letters.len() + parted - 1, Some(disguise::plain_spelling(&letters).unwrap_or(letters)))
        } else if disguise::may_be_disguised(word) || (has_repeats && repeats::may_be_repeated(word.as_bytes())) {
            (word.len(), disguise::plain_spelling(word))
        } else {
            (word.len(), None)
        };
        if let Some(spelling) = spelling {
            if copied < at {
                runs.add(plain.len(), copied..at, 1, 1);
                plain.push_str(&text[copied..at]);
            }
            runs.add(plain.len(), at..at + length, spelling.len(), length);
            plain.push_str(&spelling);
            copied = at + length;
        }
        // Behind the word and its space.
        at += length + 1;
    }
    if runs.runs.is_empty() {
        return (text, runs);
    }
    if copied < text.len() {
        runs.add(plain.len(), copied..text.len(), 1, 1);
        plain.push_str(&text[copied..]);
    }
    runs.runs.shrink_to_fit();
    (plain, runs)
}
