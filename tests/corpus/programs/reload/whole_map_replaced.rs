//! The updater builds a new map beside the old one and puts it in its place; a reader keeps the one it has begun with.
//!
//! Source: spf13/viper issue 784, what is wished for

use std::sync::Arc;
use std::thread;

use arc_swap::ArcSwap;
use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

fn version(version: u32) -> Arc<CheckedMap<u32, u32>> {
    let streams = CheckedMap::named("streams");
    streams.extend((0..20).map(|stream| (stream, version)));
    Arc::new(streams)
}

pub(super) fn run() {
    let streams = ArcSwap::new(version(1));
    thread::scope(|scope| {
        scope.spawn(|| (2..20).for_each(|next| streams.store(version(next))));
        for _ in 0..2 {
            scope.spawn(|| {
                for _request in 0..20 {
                    let seen = streams.load();
                    let first = seen.get(&0).map(|version| *version);
                    assert!(seen.values().all(|version| Some(*version) == first));
                }
            });
        }
    });
}
