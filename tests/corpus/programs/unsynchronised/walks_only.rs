//! Two threads walk over a map that nobody changes.
//!
//! Source: golang/go src/runtime/race/testdata/map_test.go, TestNoRaceMapRangeRange

use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let prices: CheckedMap<u32, u32> = CheckedMap::named("prices");
    prices.extend((0..100).map(|article| (article, article * 3)));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| prices.values().map(|price| *price).sum::<u32>());
        }
    });
}
