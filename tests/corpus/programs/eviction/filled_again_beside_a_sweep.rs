//! An entry is found to be expired and is fetched anew, while a janitor sweeps out what has expired: the insert makes a new
//! entry or replaces the old one, and is right either way.
//!
//! Source: patrickmn/go-cache cache.go, the janitor beside Get and Set

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    // A page, and the round it was fetched in.
    let pages: Mutex<CheckedMap<u32, u32>> = Mutex::new((0..10).map(|page| (page, 0)).collect());
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Acquire) {
                pages.lock().unwrap().retain(|_, fetched| *fetched > 0);
                thread::sleep(Duration::from_micros(50));
            }
        });
        for page in 0..10 {
            let is_fresh = pages.lock().unwrap().get(&page).is_some_and(|fetched| *fetched > 0);
            if !is_fresh {
                thread::sleep(Duration::from_micros(200));
                pages.lock().unwrap().insert(page, 1);
            }
        }
        is_over.store(true, Ordering::Release);
    });
}
