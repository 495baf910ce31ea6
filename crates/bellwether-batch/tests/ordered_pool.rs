//! The pool keeps order, bounds what is in flight, and stops when told.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test fails by panicking and may say why")]

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use bellwether_batch::OrderedPool;
use proptest::prelude::*;

fn pool(threads: usize) -> OrderedPool {
    OrderedPool::new(NonZeroUsize::new(threads)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn results_are_in_the_order_of_items(
        items in prop::collection::vec(0u64..2000, 0..600),
        threads in 1usize..6,
        bytes in prop_oneof![Just(0usize), Just(1), Just(1 << 20), Just(usize::MAX)],
    ) {
        let mut results = Vec::new();
        let broken = pool(threads).map(
            items.iter().copied(),
            |_| bytes,
            // Work of unequal length, so that results are ready out of order.
            |item| (item, (0..item).fold(item, |a, b| a.wrapping_mul(31).wrapping_add(b))),
            |result| {
                results.push(result.0);
                ControlFlow::<()>::Continue(())
            },
        );
        prop_assert!(broken.is_none());
        prop_assert_eq!(results, items);
    }

    #[test]
    fn a_break_ends_it_with_its_value(count in 1usize..400, at in 0usize..400, threads in 1usize..5) {
        let at = at % count;
        let mut seen = 0;
        let broken = pool(threads).map(0..count, |_| 1, |item| item, |item| {
            seen += 1;
            if item == at { ControlFlow::Break(item) } else { ControlFlow::Continue(()) }
        });
        prop_assert_eq!(broken, Some(at));
        prop_assert_eq!(seen, at + 1);
    }
}

#[test]
fn an_endless_stream_can_be_left() {
    let broken = pool(2).map(
        0u64..,
        |_| 8,
        |item| item,
        |item| if item == 5000 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) },
    );
    assert_eq!(broken, Some("enough"));
}

#[test]
fn the_reader_waits_for_the_writer() {
    // Items of 16 MiB: no more than four may be handed out and not yet taken.
    let (read, written, most) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let items = (0..200).inspect(|_| {
        let ahead = read.fetch_add(1, Ordering::SeqCst) + 1 - written.load(Ordering::SeqCst);
        most.fetch_max(ahead, Ordering::SeqCst);
    });
    pool(2).map(
        items,
        |_| 16 << 20,
        |item| item,
        |_| {
            written.fetch_add(1, Ordering::SeqCst);
            ControlFlow::<()>::Continue(())
        },
    );
    // One more is read and waits, one is taken and not yet counted.
    assert!(most.load(Ordering::SeqCst) <= 6, "{most:?} items were in flight");
}

#[test]
#[should_panic(expected = "scoped thread panicked")]
fn a_panic_in_the_work_is_passed_on() {
    pool(2).map(0..10, |_| 1, |item| assert_ne!(item, 3), |()| ControlFlow::<()>::Continue(()));
}
