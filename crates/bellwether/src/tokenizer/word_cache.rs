//! Words that a thread has met, with their token ids.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Sets of places for words of up to 15 bytes and 4 tokens: 4 MiB a thread.
const SHORT_SETS: usize = 1 << 16;
/// Sets of places for words of up to 31 bytes and 8 tokens: 1 MiB a thread.
const LONG_SETS: usize = 1 << 13;
/// In the place of an id behind the last.
const NO_ID: u32 = u32::MAX;

/// A tokenizer's words, and pieces of words, in the threads that use it.
///
/// Texts repeat them, and looking one up is many times as fast as tokenizing it. Each thread keeps the words of the
/// tokenizer that it used last, so threads never wait for each other.
#[derive(Debug)]
pub(super) struct WordCache {
    owner: u64,
}

thread_local! {
    static WORDS: RefCell<Words> =
        const { RefCell::new(Words { owner: 0, short: Table { sets: Vec::new() }, long: Table { sets: Vec::new() } }) };
}

/// The words of one thread.
pub(super) struct Words {
    owner: u64,
    short: Table<2, 4>,
    long: Table<4, 8>,
}

/// Words by their bytes, `PARTS` times eight of them with the length as the last, with up to `IDS` ids.
struct Table<const PARTS: usize, const IDS: usize> {
    /// None before the first word. A word has one set, in which the slot that was used last stands first, and takes the place of
    /// the other.
    sets: Vec<[Slot<PARTS, IDS>; 2]>,
}

/// A word and its ids; all zeros and no ids where no word is.
#[derive(Clone, Copy)]
struct Slot<const PARTS: usize, const IDS: usize> {
    key: [u64; PARTS],
    ids: [u32; IDS],
}

impl WordCache {
    pub(super) fn new() -> Self {
        static OWNERS: AtomicU64 = AtomicU64::new(1);
        Self { owner: OWNERS.fetch_add(1, Ordering::Relaxed) }
    }

    /// Runs an operation on what this thread knows of the tokenizer's words.
    pub(super) fn with<T>(&self, operation: impl FnOnce(&mut Words) -> T) -> T {
        WORDS.with_borrow_mut(|known| {
            if known.owner != self.owner {
                known.owner = self.owner;
                known.short.clear(SHORT_SETS);
                known.long.clear(LONG_SETS);
            }
            operation(known)
        })
    }
}

/// What a piece of text is cut as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// A word or its beginning.
    Word,
    /// Something behind that.
    Inside,
}

/// Where a piece of text is kept, if it is, and by which key.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Short(usize, [u64; 2]),
    Long(usize, [u64; 4]),
    None,
}

impl Words {
    /// Where a piece of a text is kept.
    pub(super) fn place(&self, text: &str, word: &Range<usize>, begin: Begin) -> Place {
        let length = word.len() as u64 | if begin == Begin::Inside { 0x80 } else { 0 };
        match word.len() {
            1..=15 => {
                let [first, second, ..] = parts(text, word);
                let key = [first, second | length << 56];
                Place::Short(self.short.set(&key), key)
            }
            16..=31 => {
                let [first, second, third, fourth] = parts(text, word);
                let key = [first, second, third, fourth | length << 56];
                Place::Long(self.long.set(&key), key)
            }
            _ => Place::None,
        }
    }

    /// Reads something of a place.
    pub(super) fn touch(&self, place: &Place) -> u64 {
        match *place {
            Place::Short(set, _) => self.short.sets[set][0].key[0],
            Place::Long(set, _) => self.long.sets[set][0].key[0] ^ self.long.sets[set][1].key[0],
            Place::None => 0,
        }
    }

    /// Appends the ids of what is kept at a place to `ids`; false if it is not.
    pub(super) fn recall(&mut self, place: &Place, ids: &mut Vec<u32>) -> bool {
        match place {
            Place::Short(set, key) => self.short.recall(*set, key, ids),
            Place::Long(set, key) => self.long.recall(*set, key, ids),
            Place::None => false,
        }
    }

    /// Keeps ids at a place, if they are few enough.
    pub(super) fn remember(&mut self, place: &Place, ids: &[u32]) {
        match place {
            Place::Short(set, key) => self.short.remember(*set, key, ids),
            Place::Long(set, key) => self.long.remember(*set, key, ids),
            Place::None => {}
        }
    }
}

/// The bytes of a word of up to 31, with zeros behind them.
fn parts(text: &str, word: &Range<usize>) -> [u64; 4] {
    const BYTES: usize = 32;
    /// For each length, ones in the place of as many bytes.
    const MASKS: [[u64; 4]; BYTES] = {
        let mut masks = [[0; 4]; BYTES];
        let mut length = 0;
        while length < BYTES {
            let mut byte = 0;
            while byte < length {
                masks[length][byte / 8] |= 0xFF << (8 * (byte % 8));
                byte += 1;
            }
            length += 1;
        }
        masks
    };
    let mut bytes = [0; BYTES];
    // Within a text a fixed number of bytes is read, whatever they are: that is quicker than as many as the word has.
    match text.as_bytes().get(word.start..word.start + BYTES) {
        Some(more) => bytes.copy_from_slice(more),
        None => bytes[..word.len()].copy_from_slice(&text.as_bytes()[word.clone()]),
    }
    let (parts, _) = bytes.as_chunks::<8>();
    std::array::from_fn(|i| u64::from_le_bytes(parts[i]) & MASKS[word.len()][i])
}

impl<const PARTS: usize, const IDS: usize> Table<PARTS, IDS> {
    fn clear(&mut self, sets: usize) {
        self.sets.clear();
        self.sets.resize(sets, [const { Slot { key: [0; PARTS], ids: [NO_ID; IDS] } }; 2]);
    }

    fn set(&self, key: &[u64; PARTS]) -> usize {
        // Multiplicative hashing after Knuth.
        let hash = key.iter().fold(0_u64, |hash, &part| (hash.rotate_left(29) ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        (hash >> 32) as usize & (self.sets.len() - 1)
    }

    fn recall(&mut self, set: usize, key: &[u64; PARTS], ids: &mut Vec<u32>) -> bool {
        let set = &mut self.sets[set];
        if set[0].key != *key {
            set.swap(0, 1);
        }
        let slot = &set[0];
        let is_known = slot.key == *key;
        if is_known {
            let start = ids.len();
            ids.extend_from_slice(&slot.ids);
            ids.truncate(start + slot.ids.iter().filter(|&&id| id != NO_ID).count());
        }
        is_known
    }

    fn remember(&mut self, set: usize, key: &[u64; PARTS], ids: &[u32]) {
        if ids.len() > IDS {
            return;
        }
        let slot = &mut self.sets[set][0];
        slot.key = *key;
        slot.ids = [NO_ID; IDS];
        slot.ids[..ids.len()].copy_from_slice(ids);
    }
}
