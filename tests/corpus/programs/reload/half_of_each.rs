//! The updater clears the map and fills it again while a request checks the whole configuration.
//!
//! Source: spf13/viper issue 784

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::IterateWrite, ConflictKind::ReadWrite]);

pub(super) fn run() {
    let streams: CheckedMap<u32, u32> = (0..40).map(|stream| (stream, 1)).collect();
    thread::scope(|scope| {
        scope.spawn(|| {
            for version in 2..6 {
                thread::sleep(Duration::from_micros(300));
                streams.clear();
                streams.extend((0..40).map(|stream| (stream, version)));
            }
        });
        for _check in 0..8 {
            thread::sleep(Duration::from_micros(150));
            assert!(streams.values().all(|version| *version > 0));
        }
    });
}
