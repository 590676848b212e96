//! A descriptor's count is lowered in one call; where it is zero, the entry is removed in the next, and somebody may
//! have duplicated the descriptor meanwhile.
//!
//! Source: Lind-Project/lind-wasm pull request 1023

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

type Counts = Mutex<CheckedMap<u32, u32>>;

fn duplicate(counts: &Counts) {
    let counts = counts.lock().unwrap();
    let users = counts.get(&3).map_or(0, |users| *users);
    counts.insert(3, users + 1);
}

fn close(counts: &Counts) {
    let left = counts.lock().unwrap().get(&3).map(|count| *count);
    thread::sleep(Duration::from_micros(120));
    let counts = counts.lock().unwrap();
    match left {
        None => {}
        Some(0 | 1) => {
            counts.remove(&3);
        }
        Some(left) => {
            counts.insert(3, left - 1);
        }
    }
}

pub(super) fn run() {
    let counts: Counts = Mutex::new(CheckedMap::named("descriptors"));
    thread::scope(|scope| {
        for _process in 0..2 {
            scope.spawn(|| {
                for _ in 0..15 {
                    duplicate(&counts);
                    thread::sleep(Duration::from_micros(60));
                }
            });
            scope.spawn(|| (0..15).for_each(|_| close(&counts)));
        }
    });
}
