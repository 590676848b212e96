//! A random key is tried, found to be free, and taken. Another thread tries the same one.
//!
//! Source: xacrimon/dashmap issue 196

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

fn add(entries: &Mutex<CheckedMap<u32, u32>>, data: u32) {
    for key in 0..40 {
        if !entries.lock().unwrap().contains_key(&key) {
            thread::sleep(Duration::from_micros(200));
            entries.lock().unwrap().insert(key, data);
            return;
        }
    }
}

pub(super) fn run() {
    let entries = Mutex::new(CheckedMap::named("entries"));
    thread::scope(|scope| {
        for worker in 0..4 {
            let entries = &entries;
            scope.spawn(move || (0..5).for_each(|item| add(entries, worker * 10 + item)));
        }
    });
}
