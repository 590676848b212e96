//! A load test prints its statistics over all workers while the workers go on storing their results.
//!
//! Source: link1st/go-stress-testing issue 47

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::IterateWrite, ConflictKind::WriteWrite]);

pub(super) fn run() {
    let results: CheckedMap<(u32, u32), u32> = CheckedMap::named("results");
    thread::scope(|scope| {
        for worker in 0..2 {
            let results = &results;
            scope.spawn(move || {
                for request in 0..25 {
                    thread::sleep(Duration::from_micros(80));
                    results.insert((worker, request), 200);
                }
            });
        }
        for _ in 0..4 {
            thread::sleep(Duration::from_micros(600));
            assert!(results.values().filter(|status| **status != 200).count() == 0);
        }
    });
}
