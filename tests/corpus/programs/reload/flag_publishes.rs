//! The map is filled first, then a flag is set that the readers wait for.
//!
//! Source: golang/go src/runtime/race/testdata/atomic_test.go, TestNoRaceAtomicStoreLoadInt64 and its like

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let (plans, ready) = (CheckedMap::named("plans"), AtomicBool::new(false));
    thread::scope(|scope| {
        for customer in 0..2 {
            let (plans, ready) = (&plans, &ready);
            scope.spawn(move || {
                while !ready.load(Ordering::Acquire) {
                    thread::yield_now();
                }
                assert!(plans.contains_key(&customer));
            });
        }
        (0..20).for_each(|customer| {
            plans.insert(customer, "basic");
        });
        ready.store(true, Ordering::Release);
    });
}
