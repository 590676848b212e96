//! Each check reschedules itself by putting its next timer into the controller's table, from its own thread.
//!
//! Source: keikoproj/active-monitor pull request 91

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]);

pub(super) fn run() {
    let timers = CheckedMap::named("timers");
    thread::scope(|scope| {
        for check in 0..3 {
            let timers = &timers;
            scope.spawn(move || {
                for due in 0..8 {
                    thread::sleep(Duration::from_micros(200));
                    timers.insert(check, due);
                }
            });
        }
        for _reconciliation in 0..6 {
            thread::sleep(Duration::from_micros(250));
            let _ = timers.contains_key(&0);
        }
    });
}
