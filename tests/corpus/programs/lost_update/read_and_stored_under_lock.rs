//! Reading, computing and storing happen inside one lock.
//!
//! Source: majiayu000/litellm-rs pull request 114

use std::sync::Mutex;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let values: Mutex<CheckedMap<u32, u64>> = Mutex::new(CheckedMap::named("values"));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..40 {
                    let values = values.lock().unwrap();
                    let old = values.get(&0).map_or(0, |value| *value);
                    values.insert(0, old + 1);
                }
            });
        }
    });
    assert_eq!(values.lock().unwrap().get(&0).map(|value| *value), Some(120));
}
