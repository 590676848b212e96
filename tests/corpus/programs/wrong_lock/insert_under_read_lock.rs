//! Events are saved under the read side of the lock, which lets the other writers in.
//!
//! Source: castai/k8s-agent pull request 233

use std::sync::RwLock;
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

pub(super) fn run() {
    let (lock, events) = (RwLock::new(()), CheckedMap::named("events"));
    thread::scope(|scope| {
        for watcher in 0..3 {
            let (lock, events) = (&lock, &events);
            scope.spawn(move || {
                for event in 0..15 {
                    let _held = lock.read();
                    events.insert((watcher, event), "added");
                }
            });
        }
    });
}
