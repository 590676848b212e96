//! A rate limiter reads how many requests are left, decides, and stores one less.
//!
//! Source: TerminalWitchcraft/actix-ratelimit issue 16

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

pub(super) fn run() {
    let left: Mutex<CheckedMap<&str, u32>> = Mutex::new(CheckedMap::named("left"));
    left.lock().unwrap().insert("10.0.0.1", 30);
    let allow = || {
        let remaining = left.lock().unwrap().get("10.0.0.1").map_or(0, |remaining| *remaining);
        thread::sleep(Duration::from_micros(100));
        if remaining > 0 {
            left.lock().unwrap().insert("10.0.0.1", remaining - 1);
        }
    };
    thread::scope(|scope| {
        for _client in 0..3 {
            scope.spawn(|| (0..10).for_each(|_| allow()));
        }
    });
}
