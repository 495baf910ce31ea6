//! Telephone numbers, and what looks like one and is a date or a number of something else.

use std::ops::Range;

use super::digits::ascii_digit;
use super::{Find, Kind};

/// The fewest digits of a telephone number that has `+` before it or something between its digits.
const MIN_DIGITS: usize = 7;

/// The fewest digits of any other, and of a grouped number that is taken for one.
const MIN_BARE_DIGITS: usize = 9;

/// The most digits of a telephone number (ITU-T E.164).
const MAX_DIGITS: usize = 15;

/// The groups of a date with something between its parts.
const DATE_GROUPS: usize = 3;

/// The most characters between two digits of a number.
const MAX_SEPARATORS: usize = 3;

/// Digits without anything between them.
struct Group {
    range: Range<usize>,
    /// In ASCII; of more than a number can have, one more than that.
    digits: String,
}

/// The telephone numbers in a part of a text, in their order.
pub(super) fn numbers(text: &str, part: Range<usize>) -> Vec<Find> {
    let mut run = Run { text, part: part.clone(), groups: Vec::new(), is_overlong: false, finds: Vec::new() };
    let mut chars = text[part.clone()].char_indices().map(|(at, char)| (part.start + at, char)).peekable();
    let mut separators = 0;
    while let Some((at, char)) = chars.next() {
        let Some(digit) = ascii_digit(char) else {
            separators += 1;
            if !is_separator(char) || separators > MAX_SEPARATORS {
                run.end();
            }
            continue;
        };
        let mut group = Group { range: at..at + char.len_utf8(), digits: String::from(digit) };
        while let Some((at, digit, char)) = chars.peek().and_then(|&(at, char)| Some((at, ascii_digit(char)?, char))) {
            chars.next();
            group.range.end = at + char.len_utf8();
            if group.digits.len() <= MAX_DIGITS {
                group.digits.push(digit);
            }
        }
        separators = 0;
        run.push(group);
    }
    run.end();
    run.finds
}

/// Groups that stand close enough to be one number. A date among them ends the number before it.
struct Run<'t> {
    text: &'t str,
    part: Range<usize>,
    groups: Vec<Group>,
    /// Whether groups were left away because there were more than a number has digits.
    is_overlong: bool,
    finds: Vec<Find>,
}

impl Run<'_> {
    fn push(&mut self, group: Group) {
        self.groups.push(group);
        if let Some(date) = self.date_start() {
            self.groups.truncate(date);
            self.end();
        } else if self.groups.len() > MAX_DIGITS + DATE_GROUPS {
            // A date may still begin in the last ones.
            self.groups.drain(..=MAX_DIGITS);
            self.is_overlong = true;
        }
    }

    /// Takes the groups for a number, if they can be one.
    fn end(&mut self) {
        if !self.is_overlong {
            self.finds.extend(number(self.text, &self.part, &self.groups));
        }
        self.groups.clear();
        self.is_overlong = false;
    }

    /// Where the date begins that the groups end in, if they do.
    fn date_start(&self) -> Option<usize> {
        [1, DATE_GROUPS].into_iter().find_map(|length| {
            let start = self.groups.len().checked_sub(length)?;
            let groups = &self.groups[start..];
            let plus = plus_start(&self.text[self.part.start..groups.first()?.range.start]);
            (plus.is_none() && is_date(self.text, groups)).then_some(start)
        })
    }
}

/// What may stand between the digits of a number, in ASCII, as typeset, and in full width. A plus stands before them, so it ends
/// the number before it.
const fn is_separator(char: char) -> bool {
    matches!(char, ' ' | '.' | '-' | '/' | '(' | ')' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2010}'..='\u{2013}')
        || matches!(char, '\u{3000}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0d}'..='\u{ff0f}')
}

/// Where the plus begins that a text ends in, if it does, with a bracket behind it or not.
fn plus_start(before: &str) -> Option<usize> {
    let before = before.strip_suffix(['(', '\u{ff08}']).unwrap_or(before);
    before.strip_suffix(['+', '\u{ff0b}']).map(str::len)
}

/// Whether groups are a date: digits alone, or year, month and day either way round.
fn is_date(text: &str, groups: &[Group]) -> bool {
    match groups {
        [alone] => is_compact_date(&alone.digits),
        [first, second, third] => {
            let separator = &text[first.range.end..second.range.start];
            let is_separated = matches!(separator, "-" | "." | "/" | "\u{2010}" | "\u{2011}" | "\u{2013}")
                && separator == &text[second.range.end..third.range.start];
            let [first, second, third] = [first, second, third].map(|group| group.digits.as_str());
            is_separated
                && (is_year(first) && is_month_and_day(second, third)
                    || is_year(third) && (is_month_and_day(second, first) || is_month_and_day(first, second)))
        }
        _ => false,
    }
}

/// `20240518`, also with hour, minute and second behind it, as archives write it.
fn is_compact_date(digits: &str) -> bool {
    let is_time = |time: &str| time.is_empty() || matches!(time.parse(), Ok(0..=235_959_u32));
    matches!(digits.len(), 8 | 14)
        && is_year(&digits[..4])
        && is_month_and_day(&digits[4..6], &digits[6..8])
        && is_time(&digits[8..])
}

fn is_year(digits: &str) -> bool {
    digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
}

fn is_month_and_day(month: &str, day: &str) -> bool {
    let is_within = |digits: &str, last: u32| digits.len() <= 2 && digits.parse().is_ok_and(|value| (1..=last).contains(&value));
    is_within(month, 12) && is_within(day, 31)
}

/// The groups as a telephone number, if they can be one.
fn number(text: &str, part: &Range<usize>, groups: &[Group]) -> Option<Find> {
    let (first, last) = (groups.first()?, groups.last()?);
    let before = &text[part.start..first.range.start];
    let count: usize = groups.iter().map(|group| group.digits.len()).sum();
    let plus = plus_start(before);
    let has_plus = plus.is_some();
    let fewest = if has_plus || groups.len() > 1 && !is_grouped_number(text, groups) { MIN_DIGITS } else { MIN_BARE_DIGITS };
    if !(fewest..=MAX_DIGITS).contains(&count) {
        return None;
    }
    let is_word = |char: char| char.is_ascii_alphabetic() || char == '_';
    // The last groups of a UUID stand behind a hyphen and a letter.
    let behind_word = before.strip_suffix('-').unwrap_or(before).ends_with(is_word);
    if !has_plus && behind_word || text[last.range.end..part.end].starts_with(is_word) {
        return None;
    }
    let digits: String = groups.iter().map(|group| group.digits.as_str()).collect();
    let canonical = match (has_plus, digits.strip_prefix("00")) {
        (true, _) => format!("+{digits}"),
        // The two ways of writing that a country's number follows.
        (false, Some(international)) => format!("+{international}"),
        (false, None) => digits,
    };
    let start = plus.map_or(first.range.start, |at| part.start + at);
    Some(Find { kind: Kind::Phone, range: start..last.range.end, canonical })
}

/// `1 000 000`: groups of three digits behind one to three of which the first is no zero, with the same character between.
fn is_grouped_number(text: &str, groups: &[Group]) -> bool {
    let Some((first, others)) = groups.split_first() else { return false };
    let mut separators = groups.windows(2).map(|pair| &text[pair[0].range.end..pair[1].range.start]);
    let separator = separators.next().unwrap_or_default();
    matches!(separator, " " | "." | "\u{a0}" | "\u{2009}" | "\u{202f}")
        && separators.all(|other| other == separator)
        && first.digits.len() <= 3
        && !first.digits.starts_with('0')
        && others.iter().all(|group| group.digits.len() == 3)
}
