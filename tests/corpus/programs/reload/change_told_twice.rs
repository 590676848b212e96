//! An editor saves a file in two steps, the watcher is told twice, and two reloads run at once.
//!
//! Source: spf13/viper issue 1451

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

fn reload(settings: &CheckedMap<u32, u32>, version: u32) {
    for setting in 0..15 {
        settings.insert(setting, version);
    }
}

pub(super) fn run() {
    let settings = CheckedMap::named("settings");
    thread::scope(|scope| {
        for version in 1..=2 {
            let settings = &settings;
            scope.spawn(move || reload(settings, version));
        }
    });
}
