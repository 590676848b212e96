//! Workers make a plugin's metrics the first time they run it, and several run it for the first time together.
//!
//! Source: flyteorg/flyte pull request 6532

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]).or_stale();

fn metrics_of(plugin: u32, metrics: &CheckedMap<u32, String>) {
    if !metrics.contains_key(&plugin) {
        thread::sleep(Duration::from_micros(300));
        metrics.insert(plugin, format!("plugin_{plugin}_seconds"));
    }
}

pub(super) fn run() {
    let metrics = CheckedMap::named("metrics");
    thread::scope(|scope| {
        for _worker in 0..4 {
            scope.spawn(|| (0..5).for_each(|plugin| metrics_of(plugin, &metrics)));
        }
    });
}
