//! A webhook strips the headers it may not pass on, while the logger of the same request prints them all.
//!
//! Source: ory/kratos pull request 4055

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::IterateWrite]);

pub(super) fn run() {
    for _request in 0..6 {
        let headers: CheckedMap<&str, &str> = CheckedMap::named("headers");
        headers.extend([("accept", "*/*"), ("cookie", "secret"), ("host", "example.org")]);
        thread::scope(|scope| {
            scope.spawn(|| headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>());
            scope.spawn(|| headers.retain(|name, _value| *name != "cookie"));
        });
    }
}
