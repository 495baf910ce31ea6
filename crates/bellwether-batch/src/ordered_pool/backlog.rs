//! Items that were read and whose results are not yet written.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Bytes of input that may be between reader and writer; one larger item passes alone.
const MAX_BYTES: usize = 64 << 20;

/// Items a thread may be ahead of the writer.
const MAX_ITEMS_PER_THREAD: usize = 256;

/// Items that a thread takes at once, so that small items cost little beyond their work.
const MAX_BATCH_ITEMS: usize = 32;

/// Bytes of items that a thread takes at once; one larger item is taken alone.
const MAX_BATCH_BYTES: usize = 64 << 10;

/// What lies between one reader, some workers and one writer: bounded, and in order.
pub(super) struct Backlog<T> {
    state: Mutex<State<T>>,
    /// Somebody may find work, or the end.
    work: Condvar,
    /// The reader may go on.
    room: Condvar,
    threads: usize,
}

struct State<T> {
    /// Items that no worker has taken yet, with their bytes.
    waiting: VecDeque<(T, usize)>,
    /// The number of the first of them.
    first: u64,
    /// Items and bytes that were put in and not given back.
    items: usize,
    bytes: usize,
    idle_workers: usize,
    ended: bool,
    abandoned: bool,
}

/// Items in a row, for one worker.
pub(super) struct Batch<T> {
    /// The number of the first item.
    pub(super) first: u64,
    pub(super) items: Vec<T>,
    pub(super) bytes: usize,
}

impl<T> Backlog<T> {
    pub(super) fn new(threads: usize) -> Self {
        let waiting = VecDeque::new();
        let state = State { waiting, first: 0, items: 0, bytes: 0, idle_workers: 0, ended: false, abandoned: false };
        Self { state: Mutex::new(state), work: Condvar::new(), room: Condvar::new(), threads }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // The counts stay right if a holder panics: they are changed in one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until an item of so many bytes fits, and puts it in; false if nobody wants more.
    ///
    /// Once full, the backlog is let half empty first: a reader that is woken for each item does little but wake up.
    pub(super) fn put(&self, item: T, bytes: usize) -> bool {
        let max_items = self.threads * MAX_ITEMS_PER_THREAD;
        let mut state = self.lock();
        if state.items >= max_items || state.bytes.saturating_add(bytes) > MAX_BYTES {
            let full = |state: &mut State<T>| {
                let is_low = state.items <= max_items / 2 && state.bytes.saturating_add(bytes) <= MAX_BYTES / 2;
                !(is_low || state.items == 0 || state.abandoned)
            };
            state = self.room.wait_while(state, full).unwrap_or_else(PoisonError::into_inner);
        }
        if state.abandoned {
            return false;
        }
        state.items += 1;
        state.bytes = state.bytes.saturating_add(bytes);
        state.waiting.push_back((item, bytes));
        if state.idle_workers > 0 {
            self.work.notify_one();
        }
        true
    }

    /// Says that no item will follow.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.work.notify_all();
    }

    /// Waits for items and takes some from the front; none at the end. The fewer wait, the fewer are taken, so that all workers
    /// finish together.
    pub(super) fn take(&self) -> Option<Batch<T>> {
        let mut state = self.lock();
        while state.waiting.is_empty() && !state.ended && !state.abandoned {
            state.idle_workers += 1;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle_workers -= 1;
        }
        if state.abandoned {
            return None;
        }
        let most = (state.waiting.len() / (2 * self.threads)).clamp(1, MAX_BATCH_ITEMS);
        let mut batch = Batch { first: state.first, items: Vec::with_capacity(most), bytes: 0 };
        while let Some(&(_, bytes)) = state.waiting.front()
            && (batch.items.is_empty() || (batch.items.len() < most && batch.bytes.saturating_add(bytes) <= MAX_BATCH_BYTES))
        {
            batch.items.extend(state.waiting.pop_front().map(|(item, _)| item));
            batch.bytes = batch.bytes.saturating_add(bytes);
        }
        state.first += batch.items.len() as u64;
        (!batch.items.is_empty()).then_some(batch)
    }

    /// Says that the results of so many items, of so many bytes, are written.
    pub(super) fn give_back(&self, items: usize, bytes: usize) {
        let mut state = self.lock();
        state.items -= items;
        state.bytes = state.bytes.saturating_sub(bytes);
        drop(state);
        self.room.notify_one();
    }

    /// Sends everybody home: nobody wants more results.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        state.abandoned = true;
        state.waiting.clear();
        drop(state);
        self.work.notify_all();
        self.room.notify_all();
    }

    /// Whether [`Backlog::abandon`] was called.
    pub(super) fn is_abandoned(&self) -> bool {
        self.lock().abandoned
    }

    /// Whoever panics leaves a gap that others would wait for; this keeps them from it.
    pub(super) fn abandon_on_panic(&self) -> impl Drop {
        AbandonOnPanic(self)
    }
}

struct AbandonOnPanic<'a, T>(&'a Backlog<T>);

impl<T> Drop for AbandonOnPanic<'_, T> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.abandon();
        }
    }
}
