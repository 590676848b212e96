//! A profiler keeps its heartbeats in a `static mut` map, and beats come from several threads.
//!
//! Source: servo/servo issue 15471

#![allow(unsafe_code)]

use std::thread;

use checkedmap::ConflictKind;
use checkedmap::hash_map::HashMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

static mut HEARTBEATS: Option<HashMap<u32, u64>> = None;

fn heartbeats() -> &'static mut HashMap<u32, u64> {
    let place = &raw mut HEARTBEATS;
    // SAFETY: none; the claim that only one thread beats is what is wrong here.
    let heartbeats = unsafe { &mut *place };
    heartbeats.get_or_insert_with(|| HashMap::named("heartbeats"))
}

pub(super) fn run() {
    heartbeats().insert(0, 0);
    thread::scope(|scope| {
        for category in 0..3 {
            scope.spawn(move || {
                (0..20).for_each(|beat| {
                    heartbeats().insert(category, beat);
                })
            });
        }
    });
}
