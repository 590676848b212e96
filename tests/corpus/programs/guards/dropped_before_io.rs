//! The value is copied out of the guard, and the guard is gone before the answer is written.
//!
//! Source: kguardian pull request 1343, the fix

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let pods: Mutex<CheckedMap<&str, String>> = Mutex::new(CheckedMap::named("pods"));
    pods.lock().unwrap().insert("web", "10.0.0.1".to_owned());
    thread::scope(|scope| {
        scope.spawn(|| {
            for _client in 0..3 {
                let address = pods.lock().unwrap().get("web").map(|address| address.clone());
                thread::sleep(Duration::from_micros(400));
                assert!(address.is_some());
            }
        });
        for _ in 0..5 {
            pods.lock().unwrap().insert("db", "10.0.0.2".to_owned());
            thread::sleep(Duration::from_micros(200));
        }
    });
}
