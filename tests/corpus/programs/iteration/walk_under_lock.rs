//! Everybody who walks, and everybody who writes, takes the reader-writer lock.
//!
//! Source: flashbots/rpc-endpoint issue 35

use std::sync::RwLock;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let nonces: RwLock<CheckedMap<u32, u64>> = RwLock::new(CheckedMap::named("nonces"));
    thread::scope(|scope| {
        scope.spawn(|| {
            for account in 0..40 {
                nonces.write().unwrap().insert(account % 10, u64::from(account));
            }
        });
        for _ in 0..2 {
            scope.spawn(|| (0..20).map(|_| nonces.read().unwrap().iter().count()).max());
        }
    });
}
