//! Servers are added under the lock. The cleaner, written later, removes the silent ones without it.
//!
//! Source: TykTechnologies/drl pull request 1

use std::sync::RwLock;
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::IterateWrite]);

pub(super) fn run() {
    let (lock, servers) = (RwLock::new(()), CheckedMap::<u32, u32>::named("servers"));
    thread::scope(|scope| {
        scope.spawn(|| {
            for heartbeat in 0..40 {
                let _held = lock.write();
                servers.insert(heartbeat % 5, heartbeat);
                thread::sleep(Duration::from_micros(50));
            }
        });
        for _ in 0..4 {
            thread::sleep(Duration::from_micros(500));
            servers.retain(|_server, heartbeat| *heartbeat > 3);
        }
    });
}
