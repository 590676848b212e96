//! A tracker makes a token for a request unless there is one, while the answer to the same request comes in and is
//! noted.
//!
//! Source: restatedev/restate pull request 1532

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

pub(super) fn run() {
    let tracker: Mutex<CheckedMap<u32, &str>> = Mutex::new(CheckedMap::named("tracker"));
    let track = |request| {
        let known = tracker.lock().unwrap().contains_key(&request);
        if !known {
            thread::sleep(Duration::from_micros(150));
            tracker.lock().unwrap().insert(request, "waiting");
        }
    };
    thread::scope(|scope| {
        for _client in 0..3 {
            scope.spawn(|| (0..15).for_each(track));
        }
    });
}
