//! Ten threads start at once, and each writes its number into a map nobody guards.
//!
//! Source: golang/go issue 31516

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

pub(super) fn run() {
    let joined = CheckedMap::named("joined");
    thread::scope(|scope| {
        for number in 0..10 {
            let joined = &joined;
            scope.spawn(move || joined.insert(number, true));
        }
    });
}
