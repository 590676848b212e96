//! A thread holds several guards of one map for reading, and walks over it on top.
//!
//! Source: xacrimon/dashmap issue 346

use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let scores: CheckedMap<u32, u32> = CheckedMap::named("scores");
    scores.extend((0..20).map(|team| (team, team * 3)));
    thread::scope(|scope| {
        for first in 0..3 {
            let scores = &scores;
            scope.spawn(move || {
                let (one, other) = (scores.get(&first), scores.get(&(first + 1)));
                let better = scores.iter().filter(|(_, score)| Some(**score) > one.as_deref().copied()).count();
                assert!(better > 0 && other.is_some());
            });
        }
    });
}
