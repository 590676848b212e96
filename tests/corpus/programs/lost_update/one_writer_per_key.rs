//! Each thread reads and stores under keys of its own, through one lock that it takes for each call.
//!
//! Source: xacrimon/dashmap issue 90

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let progress: Mutex<CheckedMap<u32, u32>> = Mutex::new(CheckedMap::named("progress"));
    thread::scope(|scope| {
        for worker in 0..4 {
            let progress = &progress;
            scope.spawn(move || {
                for _step in 0..10 {
                    let done = progress.lock().unwrap().get(&worker).map_or(0, |done| *done);
                    thread::sleep(Duration::from_micros(50));
                    progress.lock().unwrap().insert(worker, done + 1);
                }
            });
        }
    });
}
