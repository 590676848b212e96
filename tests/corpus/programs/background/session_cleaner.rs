//! Handlers store sessions while the janitor removes those that have gone idle.
//!
//! Source: incident: session cache with a cleaner

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::IterateWrite]);

pub(super) fn run() {
    let sessions: CheckedMap<u32, u32> = CheckedMap::named("sessions");
    thread::scope(|scope| {
        for handler in 0..2 {
            let sessions = &sessions;
            scope.spawn(move || {
                for request in 0..30 {
                    sessions.insert(handler * 100 + request, request % 3);
                    thread::sleep(Duration::from_micros(60));
                }
            });
        }
        scope.spawn(|| {
            for _round in 0..4 {
                thread::sleep(Duration::from_micros(500));
                sessions.retain(|_session, idle| *idle < 2);
            }
        });
    });
}
