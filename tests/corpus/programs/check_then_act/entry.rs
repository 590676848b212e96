//! The same with `entry`: the look and the write are one call.
//!
//! Source: hit-box/hitbox pull request 233

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let under_way: Mutex<CheckedMap<u32, u32>> = Mutex::new(CheckedMap::named("under way"));
    thread::scope(|scope| {
        for request in 0..3 {
            let under_way = &under_way;
            scope.spawn(move || {
                for key in 0..15 {
                    let first = *under_way.lock().unwrap().entry(key).or_insert(request);
                    assert!(first < 3);
                    thread::sleep(Duration::from_micros(50));
                }
            });
        }
    });
}
