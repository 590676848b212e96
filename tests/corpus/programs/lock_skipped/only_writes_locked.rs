//! Writes take the lock, since two of them must not meet. Reads were thought to be fine without.
//!
//! Source: buildbuddy-io/buildbuddy pull request 474

use std::sync::Mutex;
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let (lock, digests) = (Mutex::new(()), CheckedMap::named("digests"));
    thread::scope(|scope| {
        for part in 0..2 {
            let (lock, digests) = (&lock, &digests);
            scope.spawn(move || {
                for blob in 0..30 {
                    if !digests.contains_key(&blob) {
                        let _held = lock.lock();
                        digests.insert(blob + 100 * part, part);
                    }
                }
            });
        }
    });
}
