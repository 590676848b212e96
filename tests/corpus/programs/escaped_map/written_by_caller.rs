//! A caller is given the map that the store writes under its lock, and writes to it without the lock.
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
    let put = |key, value| {
        store.write().unwrap().insert(key, value);
    };
    thread::scope(|scope| {
        scope.spawn(|| (0..20).for_each(|key| put(key, 0)));
        let escaped = all();
        scope.spawn(move || {
            (0..20).for_each(|key| {
                escaped.insert(key, 1);
            })
        });
    });
}
