//! An update reads the value, computes a new one, and stores it; two updates at once leave one of them.
//!
//! Source: majiayu000/litellm-rs issue 89

use std::sync::{Barrier, RwLock};
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

fn update(values: &RwLock<CheckedMap<u32, u64>>, key: u32, change: impl FnOnce(u64) -> u64) {
    let old = values.read().unwrap().get(&key).map_or(0, |value| *value);
    let new = change(old);
    values.write().unwrap().insert(key, new);
}

pub(super) fn run() {
    let values = RwLock::new(CheckedMap::named("values"));
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..20 {
                    update(&values, 0, |value| {
                        thread::sleep(Duration::from_micros(50));
                        value + 1
                    });
                }
            });
        }
    });
}
