//! Everything is written before the readers are started.
//!
//! Source: hashicorp/boundary pull request 2655

use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let features = CheckedMap::named("features");
    (0..30).for_each(|feature| {
        features.insert(feature, feature % 2 == 0);
    });
    thread::scope(|scope| {
        for _test in 0..4 {
            scope.spawn(|| (0..30).filter(|feature| features.get(feature).is_some_and(|on| *on)).count());
        }
    });
}
