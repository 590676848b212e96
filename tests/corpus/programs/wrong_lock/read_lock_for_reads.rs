//! Readers share the read lock, and those who write take the write lock.
//!
//! Source: juanfont/headscale pull request 3358

use std::sync::RwLock;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let policy: RwLock<CheckedMap<u32, &str>> = RwLock::new(CheckedMap::named("policy"));
    thread::scope(|scope| {
        for node in 0..3 {
            let policy = &policy;
            scope.spawn(move || (0..40).filter(|_| policy.read().unwrap().contains_key(&node)).count());
        }
        scope.spawn(|| {
            for node in 0..20 {
                policy.write().unwrap().insert(node % 3, "accept");
            }
        });
    });
}
