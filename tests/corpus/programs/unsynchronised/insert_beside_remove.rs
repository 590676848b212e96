//! A connection is registered while another thread takes one out.
//!
//! Source: golang/go src/runtime/race/testdata/map_test.go, TestRaceMapDelete

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

pub(super) fn run() {
    let connections = CheckedMap::named("connections");
    connections.insert("10.0.0.1:8080", 1);
    thread::scope(|scope| {
        scope.spawn(|| connections.remove("10.0.0.1:8080"));
        connections.insert("10.0.0.2:8080", 2);
    });
}
