//! The accessor copies the entries while it holds the lock, and returns the copy.
//!
//! Source: jftuga/TtlMap issue 2, the fix

use std::collections::HashMap;
use std::sync::RwLock;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let store: RwLock<CheckedMap<u32, u32>> = RwLock::new(CheckedMap::named("store"));
    let all = || store.read().unwrap().read().clone();
    thread::scope(|scope| {
        scope.spawn(|| {
            (0..30).for_each(|key| {
                store.write().unwrap().insert(key, key);
            })
        });
        for _ in 0..10 {
            let copy: HashMap<u32, u32> = all();
            assert!(copy.iter().all(|(key, value)| key == value));
        }
    });
}
