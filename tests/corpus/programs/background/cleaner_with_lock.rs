//! The cleaner takes the lock that everybody takes, for the whole of its round.
//!
//! Source: ethpandaops/checkpointz pull request 134

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let blocks: Mutex<CheckedMap<u32, u32>> = Mutex::new(CheckedMap::named("blocks"));
    thread::scope(|scope| {
        scope.spawn(|| {
            for now in 0..5 {
                thread::sleep(Duration::from_micros(300));
                blocks.lock().unwrap().retain(|_slot, expires| *expires > now);
            }
        });
        for slot in 0..40 {
            blocks.lock().unwrap().insert(slot, slot % 8);
            thread::sleep(Duration::from_micros(30));
        }
    });
}
