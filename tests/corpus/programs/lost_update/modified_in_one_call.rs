//! The count is read and raised in one call.
//!
//! Source: apache/tomcat pull request 607

use std::sync::Mutex;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let requests: Mutex<CheckedMap<u32, u32>> = Mutex::new(CheckedMap::named("requests"));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for client in 0..40 {
                    *requests.lock().unwrap().entry(client % 4).or_insert(0) += 1;
                }
            });
        }
    });
    assert_eq!(requests.lock().unwrap().values().map(|count| *count).sum::<u32>(), 120);
}
