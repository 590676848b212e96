//! A progress display counts the entries while they come in.
//!
//! Source: golang/go src/runtime/race/testdata/map_test.go, TestRaceMapLen

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let done = CheckedMap::named("done");
    thread::scope(|scope| {
        scope.spawn(|| {
            while done.len() < 20 {
                thread::sleep(Duration::from_micros(300));
            }
        });
        for file in 0..20 {
            thread::sleep(Duration::from_micros(200));
            done.insert(file, true);
        }
    });
}
