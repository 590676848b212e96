//! A thread looks a key up while the one that started it stores that key.
//!
//! Source: golang/go src/runtime/race/testdata/map_test.go, TestRaceMapRW

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let answers: CheckedMap<u32, u32> = CheckedMap::named("answers");
    thread::scope(|scope| {
        let reader = scope.spawn(|| answers.get(&1).map(|answer| *answer));
        answers.insert(1, 42);
        let _ = reader.join();
    });
}
