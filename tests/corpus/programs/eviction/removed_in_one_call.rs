//! The entry is judged and removed in one call.
//!
//! Source: librefang/librefang pull request 7583, the fix

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let pages: Mutex<CheckedMap<u32, u32>> = Mutex::new((0..5).map(|page| (page, 0)).collect());
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 1..8 {
                for page in 0..5 {
                    pages.lock().unwrap().insert(page, round);
                    thread::sleep(Duration::from_micros(40));
                }
            }
        });
        scope.spawn(|| {
            for round in 0..8 {
                pages.lock().unwrap().retain(|_page, stored| *stored >= round);
                thread::sleep(Duration::from_micros(150));
            }
        });
    });
}
