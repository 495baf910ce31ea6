//! Words that a thread has met, with their token ids.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

/// Longer words are not kept, in bytes.
const MAX_BYTES: usize = 31;
/// Words of more tokens are not kept.
const MAX_IDS: usize = 7;
/// Sets of places for words: 2 MiB a thread. A word has one set, and takes the place of the one that was used longer ago.
const SETS: usize = 1 << 14;

/// A tokenizer's words in the threads that use it.
///
/// Texts repeat their words, and looking one up is many times as fast as tokenizing it. Each thread keeps the words of the
/// tokenizer that it used last, so threads never wait for each other.
#[derive(Debug)]
pub(super) struct WordCache {
    owner: u64,
}

thread_local! {
    static WORDS: RefCell<Words> = const { RefCell::new(Words { owner: 0, sets: Vec::new() }) };
}

struct Words {
    owner: u64,
    /// None before the first word, else [`SETS`]; the slot that was used last stands first.
    sets: Vec<[Slot; 2]>,
}

/// A word and its ids; one line of the processor's cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Slot {
    key: Key,
    ids: [u32; MAX_IDS],
    len: u32,
}

/// The bytes of a word, zeros, and last its length; all zeros where no word is.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key([u64; 4]);

impl Key {
    const NONE: Self = Self([0; 4]);

    fn new(word: &str) -> Option<Self> {
        if word.len() > MAX_BYTES {
            return None;
        }
        let mut bytes = [0; MAX_BYTES + 1];
        bytes[..word.len()].copy_from_slice(word.as_bytes());
        bytes[MAX_BYTES] = word.len() as u8;
        let (words, _) = bytes.as_chunks::<8>();
        Some(Self(std::array::from_fn(|i| u64::from_le_bytes(words[i]))))
    }

    /// A place below [`SETS`]; the multiplier is that of Knuth's multiplicative hashing.
    fn set(self) -> usize {
        let hash = self.0.iter().fold(0_u64, |hash, &part| (hash.rotate_left(5) ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        (hash >> (u64::BITS - SETS.trailing_zeros())) as usize
    }
}

impl WordCache {
    pub(super) fn new() -> Self {
        static OWNERS: AtomicU64 = AtomicU64::new(1);
        Self { owner: OWNERS.fetch_add(1, Ordering::Relaxed) }
    }

    /// Appends the ids of a word to `ids`: those known to this thread, else those that `tokenize` appends.
    pub(super) fn append(&self, word: &str, ids: &mut Vec<u32>, tokenize: impl FnOnce(&mut Vec<u32>)) {
        let Some(key) = Key::new(word) else { return tokenize(ids) };
        WORDS.with_borrow_mut(|words| {
            if words.owner != self.owner {
                words.owner = self.owner;
                words.sets.clear();
                words.sets.resize(SETS, [const { Slot { key: Key::NONE, ids: [0; MAX_IDS], len: 0 } }; 2]);
            }
            let set = &mut words.sets[key.set()];
            if set[0].key != key {
                set.swap(0, 1);
            }
            let slot = &mut set[0];
            if slot.key == key {
                ids.extend_from_slice(&slot.ids[..slot.len as usize]);
                return;
            }
            let start = ids.len();
            tokenize(ids);
            let found = &ids[start..];
            if let Some(kept) = slot.ids.get_mut(..found.len()) {
                kept.copy_from_slice(found);
                (slot.key, slot.len) = (key, found.len() as u32);
            }
        });
    }
}
