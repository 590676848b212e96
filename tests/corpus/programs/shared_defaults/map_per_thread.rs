//! Each thread counts in a map of its own.
//!
//! Source: vespa-engine/vespa pull request 27424

use std::cell::RefCell;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::apart();

thread_local! {
    static COUNTS: RefCell<CheckedMap<u32, u32>> = RefCell::new(CheckedMap::named("counts"));
}

pub(super) fn run() {
    thread::scope(|scope| {
        for worker in 0..4 {
            scope.spawn(move || {
                COUNTS.with_borrow(|counts| {
                    for word in 0..50 {
                        *counts.entry(word % 7 + worker).or_insert(0) += 1;
                    }
                });
            });
        }
    });
}
