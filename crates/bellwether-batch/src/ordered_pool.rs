//! Work in parallel, results in order, memory bounded.

use std::fmt;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};

/// Bytes of input that may be between reader and writer; one larger item passes alone.
const MAX_BYTES_IN_FLIGHT: usize = 64 << 20;

/// Items a thread may be ahead of the writer.
const MAX_ITEMS_PER_THREAD: usize = 256;

/// A rayon thread pool that maps a stream in order.
///
/// One thread reads, the pool works, the caller's thread writes. The reader waits when the items it has handed out
/// and the writer has not yet taken hold more than a fixed number of bytes, so memory is bounded however long the stream is.
#[derive(Debug)]
pub struct OrderedPool {
    pool: rayon::ThreadPool,
}

/// The threads of a pool could not be started.
#[derive(Debug)]
pub struct PoolError(rayon::ThreadPoolBuildError);

impl fmt::Display for PoolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot start the worker threads: {}; try fewer threads", self.0)
    }
}

impl std::error::Error for PoolError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl OrderedPool {
    /// A pool with this many threads, or one for each processor.
    ///
    /// # Errors
    /// If the system refuses the threads.
    pub fn new(threads: Option<NonZeroUsize>) -> Result<Self, PoolError> {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads.map_or(0, NonZeroUsize::get));
        builder.build().map(|pool| Self { pool }).map_err(PoolError)
    }

    /// The number of worker threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Maps every item with `work` on the pool's threads and hands the results to `sink` in the order of the items.
    ///
    /// `bytes` says how much memory an item holds. `sink` may end it early by breaking with a value, which is returned;
    /// the reader then stops after the items it has handed out already.
    ///
    /// # Panics
    /// If `work` panics.
    pub fn map<T, O, B>(
        &self,
        items: impl Iterator<Item = T> + Send,
        bytes: impl Fn(&T) -> usize + Send,
        work: impl Fn(T) -> O + Sync,
        mut sink: impl FnMut(O) -> ControlFlow<B>,
    ) -> Option<B>
    where
        T: Send,
        O: Send,
    {
        let budget = Budget::new(self.threads() * MAX_ITEMS_PER_THREAD);
        let stopped = AtomicBool::new(false);
        let (queue, pending) = mpsc::channel::<(mpsc::Receiver<O>, usize)>();
        let (budget, stopped, work) = (&budget, &stopped, &work);
        std::thread::scope(|threads| {
            threads.spawn(move || {
                self.pool.in_place_scope(|scope| {
                    for item in items {
                        let size = bytes(&item);
                        budget.take(size);
                        if stopped.load(Ordering::Relaxed) {
                            break;
                        }
                        let (sender, receiver) = mpsc::sync_channel(1);
                        if queue.send((receiver, size)).is_err() {
                            break;
                        }
                        scope.spawn(move |_| {
                            // The writer may be gone; then nobody wants the result.
                            let _ = sender.send(work(item));
                        });
                    }
                    // Dropped before the scope waits for its work, so that the writer sees the end.
                    drop(queue);
                });
            });
            let mut broken = None;
            for (receiver, size) in pending {
                // A worker that panicked sends nothing; the scope passes its panic on.
                let Ok(result) = receiver.recv() else { break };
                budget.give_back(size);
                if broken.is_none()
                    && let ControlFlow::Break(value) = sink(result)
                {
                    broken = Some(value);
                    stopped.store(true, Ordering::Relaxed);
                }
            }
            budget.open();
            broken
        })
    }
}

/// What may still be handed out.
struct Budget {
    state: Mutex<InFlight>,
    changed: Condvar,
    max_items: usize,
}

#[derive(Default)]
struct InFlight {
    items: usize,
    bytes: usize,
    open: bool,
}

impl Budget {
    fn new(max_items: usize) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), max_items }
    }

    fn lock(&self) -> MutexGuard<'_, InFlight> {
        // The counts stay right if a holder panics: they are changed in one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the item fits, or nothing else is in flight.
    fn take(&self, bytes: usize) {
        let full = |state: &mut InFlight| {
            let fits = state.items < self.max_items && state.bytes.saturating_add(bytes) <= MAX_BYTES_IN_FLIGHT;
            !(fits || state.items == 0 || state.open)
        };
        let mut state = self.changed.wait_while(self.lock(), full).unwrap_or_else(PoisonError::into_inner);
        state.items += 1;
        state.bytes = state.bytes.saturating_add(bytes);
    }

    fn give_back(&self, bytes: usize) {
        let mut state = self.lock();
        state.items -= 1;
        state.bytes -= bytes;
        self.changed.notify_all();
    }

    /// Lets everybody pass: the writer is done.
    fn open(&self) {
        self.lock().open = true;
        self.changed.notify_all();
    }
}
