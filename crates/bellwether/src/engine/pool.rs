//! A bounded set of things that one run at a time may use, made when they are first needed.

use std::num::NonZeroUsize;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::Result;

type Make<T> = Arc<dyn Fn() -> Result<T> + Send + Sync>;

/// Lends out up to `limit` items.
///
/// The lock is held only to take or to give back an item, never while one is made or used.
pub(super) struct Pool<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    limit: usize,
}

struct State<T> {
    idle: Vec<T>,
    /// Items that exist or are being made.
    made: usize,
    /// Dropped with the last item to be made, and the model's bytes with it.
    make: Option<Make<T>>,
}

impl<T> Pool<T> {
    /// An empty pool of at most `limit` items, each made by `make`.
    pub(super) fn new(limit: NonZeroUsize, make: impl Fn() -> Result<T> + Send + Sync + 'static) -> Self {
        let state = State { idle: Vec::new(), made: 0, make: Some(Arc::new(make)) };
        Self { state: Mutex::new(state), changed: Condvar::new(), limit: limit.get() }
    }

    /// Borrows an item: an idle one, else a new one, else the next one to be given back.
    ///
    /// # Errors
    ///
    /// What `make` returns; the next call tries again.
    pub(super) fn lease(&self) -> Result<Lease<'_, T>> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.idle.pop() {
                return Ok(Lease { pool: self, item: Some(item) });
            }
            if let Some(make) = state.make.take() {
                state.made += 1;
                if state.made < self.limit {
                    state.make = Some(Arc::clone(&make));
                }
                drop(state);
                return self.fill(make);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn fill(&self, make: Make<T>) -> Result<Lease<'_, T>> {
        let mut unmake = Unmake { pool: self, make: Some(make) };
        let item = match &unmake.make {
            Some(make) => make()?,
            None => return self.lease(),
        };
        unmake.make = None;
        Ok(Lease { pool: self, item: Some(item) })
    }

    /// The state, also after a panic elsewhere: no panic can leave it half changed.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the right to make an item back if it was not made, also on a panic.
struct Unmake<'a, T> {
    pool: &'a Pool<T>,
    make: Option<Make<T>>,
}

impl<T> Drop for Unmake<'_, T> {
    fn drop(&mut self) {
        if let Some(make) = self.make.take() {
            let mut state = self.pool.lock();
            state.made -= 1;
            state.make = Some(make);
            drop(state);
            self.pool.changed.notify_one();
        }
    }
}

/// An item on loan, given back when this is dropped: after a success, a failure or a panic.
pub(super) struct Lease<'a, T> {
    pool: &'a Pool<T>,
    /// Empty only while it is being dropped.
    item: Option<T>,
}

impl<T> Drop for Lease<'_, T> {
    fn drop(&mut self) {
        if let Some(item) = self.item.take() {
            self.pool.lock().idle.push(item);
            self.pool.changed.notify_one();
        }
    }
}

#[allow(clippy::expect_used, reason = "the item is there until the drop")]
impl<T> Deref for Lease<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.item.as_ref().expect("a lease holds its item until it is dropped")
    }
}

#[allow(clippy::expect_used, reason = "the item is there until the drop")]
impl<T> DerefMut for Lease<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.item.as_mut().expect("a lease holds its item until it is dropped")
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;
    use crate::Runtime;
    use crate::error::ErrorKind;

    fn counted(limit: usize) -> (Pool<usize>, Arc<AtomicUsize>) {
        let made = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&made);
        let limit = NonZeroUsize::new(limit).unwrap();
        (Pool::new(limit, move || Ok(counter.fetch_add(1, Ordering::SeqCst))), made)
    }

    #[test]
    fn items_are_made_only_when_needed_and_never_above_the_limit() {
        let (pool, made) = counted(2);
        for _ in 0..5 {
            drop(pool.lease().unwrap());
        }
        assert_eq!(made.load(Ordering::SeqCst), 1);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let lease = pool.lease().unwrap();
                        thread::yield_now();
                        drop(lease);
                    }
                });
            }
        });
        assert!(made.load(Ordering::SeqCst) <= 2);
    }

    #[test]
    fn an_item_comes_back_after_a_panic() {
        let (pool, made) = counted(1);
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _lease = pool.lease().unwrap();
            panic!("on purpose");
        }));
        assert!(result.is_err());
        drop(pool.lease().unwrap());
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_failure_to_make_an_item_is_not_final() {
        let calls = AtomicUsize::new(0);
        let pool = Pool::new(NonZeroUsize::MIN, move || {
            if calls.fetch_add(1, Ordering::SeqCst) == 0 {
                let detail = "not yet".to_owned();
                return Err(ErrorKind::Inference { runtime: Runtime::Ort, detail }.into());
            }
            Ok(7)
        });
        assert!(pool.lease().is_err());
        assert_eq!(*pool.lease().unwrap(), 7);
    }
}
