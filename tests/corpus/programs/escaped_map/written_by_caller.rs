//! Two callers are given the map that the store writes under its lock, and write to it themselves.
//!
//! Source: jftuga/TtlMap issue 2

use std::sync::{Arc, RwLock};
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

pub(super) fn run() {
    let store = RwLock::new(Arc::new(CheckedMap::<u32, u32>::named("store")));
    let all = || Arc::clone(&store.read().unwrap());
    thread::scope(|scope| {
        for caller in 0..2 {
            let escaped = all();
            scope.spawn(move || {
                (0..20).for_each(|key| {
                    escaped.insert(key, caller);
                })
            });
        }
    });
}
