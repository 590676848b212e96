//! A map with expiry: the loop that removes what has expired takes the lock only to look.
//!
//! Source: zekroTJA/timedmap issue 4

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::IterateWrite]);

pub(super) fn run() {
    let (lock, entries) = (Mutex::new(()), CheckedMap::<u32, u32>::named("entries"));
    thread::scope(|scope| {
        scope.spawn(|| {
            for now in 0..6 {
                thread::sleep(Duration::from_micros(400));
                let expired: Vec<u32> = {
                    let _held = lock.lock();
                    entries.iter().filter(|(_, expires)| **expires <= now).map(|(key, _)| *key).collect()
                };
                for key in expired {
                    entries.remove(&key);
                }
            }
        });
        for key in 0..60 {
            {
                let _held = lock.lock();
                entries.insert(key, key % 6);
            }
            thread::sleep(Duration::from_micros(40));
        }
    });
}
