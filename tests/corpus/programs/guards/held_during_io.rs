//! A guard is kept while the answer is written to the client, and a registration comes in meanwhile.
//!
//! Source: kguardian pull request 1343

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let pods: CheckedMap<&str, String> = CheckedMap::named("pods");
    pods.insert("web", "10.0.0.1".to_owned());
    thread::scope(|scope| {
        scope.spawn(|| {
            if let Some(address) = pods.get("web") {
                thread::sleep(Duration::from_millis(2));
                assert!(!address.is_empty());
            }
        });
        thread::sleep(Duration::from_millis(1));
        pods.insert("db", "10.0.0.2".to_owned());
    });
}
