//! The lock is taken with `let _ =`, which gives it back in the same breath.
//!
//! Source: skyzh/rust-ycsb issue 1

use std::sync::Mutex;
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

#[allow(clippy::let_underscore_lock, let_underscore_lock)]
fn acknowledge(lock: &Mutex<()>, acknowledged: &CheckedMap<u64, bool>, value: u64) {
    let _ = lock.lock();
    acknowledged.insert(value, true);
}

pub(super) fn run() {
    let (lock, acknowledged) = (Mutex::new(()), CheckedMap::named("acknowledged"));
    thread::scope(|scope| {
        for client in 0..3 {
            let (lock, acknowledged) = (&lock, &acknowledged);
            scope.spawn(move || (0..20).for_each(|value| acknowledge(lock, acknowledged, value * 3 + client)));
        }
    });
}
