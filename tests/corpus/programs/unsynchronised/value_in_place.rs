//! A connection's slot is assigned in place by one thread while another one reads it.
//!
//! Source: golang/go src/runtime/race/testdata/map_test.go, TestRaceMapAssignMultipleReturn

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite, ConflictKind::WriteWrite]);

pub(super) fn run() {
    let slots = CheckedMap::named("slots");
    slots.insert(1, vec![0]);
    thread::scope(|scope| {
        scope.spawn(|| {
            if let Some(mut slot) = slots.get_mut(&1) {
                slot[0] = 42;
            }
        });
        let first = slots.get(&1).map(|slot| slot[0]);
        assert!(first.is_some());
    });
}
