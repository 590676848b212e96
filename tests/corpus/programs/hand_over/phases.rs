//! Two threads write in turn: a barrier lies between the phases.
//!
//! Source: golang/go src/runtime/race/testdata/waitgroup_test.go, TestNoRaceWaitGroup2

use std::sync::Barrier;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let (cells, phase) = (CheckedMap::named("cells"), Barrier::new(2));
    thread::scope(|scope| {
        for side in 0..2 {
            let (cells, phase) = (&cells, &phase);
            scope.spawn(move || {
                for step in 0..20 {
                    if step % 2 == side {
                        cells.insert(step, side);
                    }
                    phase.wait();
                }
            });
        }
    });
}
