//! The file watcher writes the new options into the map one by one, without a lock, while requests read theirs.
//!
//! Source: spf13/viper issue 268

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let options: CheckedMap<&str, u32> = CheckedMap::named("options");
    options.extend([("retries", 3), ("timeout_ms", 2000), ("workers", 8)]);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _change in 0..5 {
                for (option, value) in [("retries", 5), ("timeout_ms", 5000), ("workers", 16)] {
                    options.insert(option, value);
                }
                thread::sleep(Duration::from_micros(400));
            }
        });
        for _request in 0..20 {
            assert!(options.get("timeout_ms").is_some_and(|timeout| *timeout >= 2000));
            thread::sleep(Duration::from_micros(90));
        }
    });
}
