//! Work in parallel, results in order, memory bounded.

mod backlog;

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::mpsc;
use std::thread;

use backlog::{Backlog, Batch};

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
    /// what was read and not yet handed to it is then lost.
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
        let backlog = Backlog::new(self.threads());
        let (backlog, work) = (&backlog, &work);
        let (results, finished) = mpsc::channel::<Finished<O>>();
        thread::scope(|threads| {
            threads.spawn(move || {
                self.pool.in_place_scope(|scope| {
                    for _ in 0..self.threads() {
                        let results = results.clone();
                        scope.spawn(move |_| {
                            let _released = backlog.abandon_on_panic();
                            while let Some(batch) = backlog.take() {
                                let Batch { first, items, bytes } = batch;
                                let wanted = items.into_iter().take_while(|_| !backlog.is_abandoned());
                                let done = wanted.map(work).collect();
                                // The writer may be gone; then nobody wants the results.
                                let _ = results.send(Finished { first, results: done, bytes });
                            }
                        });
                    }
                    // The workers' senders are the last ones, so that the writer sees the end.
                    drop(results);
                    let _released = backlog.abandon_on_panic();
                    for item in items {
                        let size = bytes(&item);
                        if !backlog.put(item, size) {
                            break;
                        }
                    }
                    backlog.end();
                });
            });
            let _released = backlog.abandon_on_panic();
            let broken = write(&finished, backlog, &mut sink);
            backlog.abandon();
            broken
        })
    }
}

/// A batch whose work is done.
struct Finished<O> {
    first: u64,
    results: Vec<O>,
    bytes: usize,
}

/// Hands results to the sink in the order of their items, until it breaks or there are no more.
fn write<T, O, B>(
    finished: &mpsc::Receiver<Finished<O>>,
    backlog: &Backlog<T>,
    sink: &mut impl FnMut(O) -> ControlFlow<B>,
) -> Option<B> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for batch in finished {
        early.insert(batch.first, batch);
        while let Some(Finished { results, bytes, .. }) = early.remove(&next) {
            let count = results.len();
            next += count as u64;
            for result in results {
                if let ControlFlow::Break(value) = sink(result) {
                    return Some(value);
                }
            }
            backlog.give_back(count, bytes);
        }
    }
    None
}
