//! One thread walks over the map while another one adds to it.
//!
//! Source: golang/go src/runtime/race/testdata/map_test.go, TestRaceMapRange

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::IterateWrite]);

pub(super) fn run() {
    let routes: CheckedMap<u32, u32> = (0..50).map(|route| (route, route)).collect();
    thread::scope(|scope| {
        scope.spawn(|| routes.iter().count());
        routes.insert(51, 51);
    });
}
