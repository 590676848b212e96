//! A pool's size is asked for while a worker leaves it.
//!
//! Source: golang/go src/runtime/race/testdata/map_test.go, TestRaceMapLenDelete

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let workers: CheckedMap<u8, &str> = CheckedMap::named("workers");
    workers.extend([(1, "idle"), (2, "busy")]);
    thread::scope(|scope| {
        scope.spawn(|| workers.remove(&1));
        let _ = workers.len();
    });
}
