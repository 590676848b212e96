//! The look and the write are two calls, and the lock is held over both.
//!
//! Source: rsimmonsjr/axiom pull request 60

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let monitors: Mutex<CheckedMap<u32, u32>> = Mutex::new(CheckedMap::named("monitors"));
    thread::scope(|scope| {
        for actor in 0..3 {
            let monitors = &monitors;
            scope.spawn(move || {
                for monitored in 0..15 {
                    {
                        let monitors = monitors.lock().unwrap();
                        if !monitors.contains_key(&monitored) {
                            monitors.insert(monitored, actor);
                        }
                    }
                    thread::sleep(Duration::from_micros(50));
                }
            });
        }
    });
}
