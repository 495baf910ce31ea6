//! Two things done at the same time.

use std::panic::resume_unwind;
use std::thread;

/// Runs one operation on a thread of its own and the other on this one, and waits for both. If one panics, so does this.
pub(crate) fn side_by_side<A: Send, B>(there: impl FnOnce() -> A + Send, here: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let there = scope.spawn(there);
        let here = here();
        (there.join().unwrap_or_else(|panic| resume_unwind(panic)), here)
    })
}
