//! Whoever comes first fills the map inside a `OnceLock`; the others wait for it, and everybody only reads afterwards.
//!
//! Source: ethereum/go-ethereum pull request 3641

use std::sync::OnceLock;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let types: OnceLock<CheckedMap<&str, u32>> = OnceLock::new();
    let filled = || {
        types.get_or_init(|| {
            let map = CheckedMap::named("types");
            map.extend([("head", 1), ("block", 2)]);
            map
        })
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..30).filter(|_| filled().contains_key("block")).count());
        }
    });
}
