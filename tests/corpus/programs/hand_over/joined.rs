//! One thread writes, is waited for, and then the next one writes.
//!
//! Source: golang/go src/runtime/race/testdata/waitgroup_test.go, TestNoRaceWaitGroup

use std::sync::Arc;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let totals = Arc::new(CheckedMap::named("totals"));
    for month in 0..12 {
        let theirs = Arc::clone(&totals);
        thread::spawn(move || {
            (0..5).for_each(|line| {
                theirs.insert(line, month);
            })
        })
        .join()
        .unwrap();
        totals.insert(99, month);
    }
}
