//! The metrics endpoint walks over the counters while the pipeline makes new ones.
//!
//! Source: ozontech/file.d pull request 31

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::IterateWrite, ConflictKind::ReadWrite]);

pub(super) fn run() {
    let counters: CheckedMap<String, u64> = CheckedMap::named("counters");
    thread::scope(|scope| {
        scope.spawn(|| {
            for event in 0..60_u64 {
                *counters.entry(format!("events_{}", event % 12)).or_insert(0) += 1;
                thread::sleep(Duration::from_micros(50));
            }
        });
        for _ in 0..5 {
            thread::sleep(Duration::from_micros(500));
            let total: u64 = counters.values().map(|count| *count).sum();
            assert!(total <= 60);
        }
    });
}
