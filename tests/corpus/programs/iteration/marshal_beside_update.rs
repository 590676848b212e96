//! A host's metadata is written out as JSON for the web page while the scanner adds to it: the lock is taken for the
//! updates only.
//!
//! Source: bettercap/bettercap pull request 630

use std::fmt::Write as _;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::IterateWrite]);

fn to_json(metadata: &CheckedMap<String, String>) -> String {
    metadata.iter().fold(String::new(), |mut json, (key, value)| {
        let _ = write!(json, "{:?}:{:?},", *key, *value);
        json
    })
}

pub(super) fn run() {
    let (metadata, lock) = (CheckedMap::named("metadata"), Mutex::new(()));
    thread::scope(|scope| {
        scope.spawn(|| {
            for port in 0..30 {
                let _held = lock.lock();
                metadata.insert(format!("port {port}"), "open".to_owned());
                thread::sleep(Duration::from_micros(100));
            }
        });
        for _ in 0..10 {
            let _ = to_json(&metadata);
            thread::sleep(Duration::from_micros(250));
        }
    });
}
