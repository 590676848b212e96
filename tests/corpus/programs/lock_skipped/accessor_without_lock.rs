//! The writers of a session's map were given its lock; the accessor that counts the entries was not.
//!
//! Source: omec-project/amf pull request 802

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let (lock, slices) = (Mutex::new(()), CheckedMap::named("slices"));
    thread::scope(|scope| {
        scope.spawn(|| {
            for slice in 0..10 {
                let _held = lock.lock();
                slices.insert(slice, "allowed");
                thread::sleep(Duration::from_micros(100));
            }
        });
        while slices.len() < 10 {
            thread::sleep(Duration::from_micros(350));
        }
    });
}
