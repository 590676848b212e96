//! Each request copies the defaults, and changes its copy.
//!
//! Source: Psiphon-Labs/psiphon-tunnel-core pull request 668

use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let defaults: CheckedMap<&str, u32> = CheckedMap::named("defaults");
    defaults.insert("retries", 3);
    thread::scope(|scope| {
        for request in 0..4 {
            let defaults = &defaults;
            scope.spawn(move || {
                let headers = defaults.clone();
                headers.insert("request", request);
                assert_eq!(headers.len(), 2);
            });
        }
    });
}
