//! A build step is started unless it is running already; two requests for it find that it is not.
//!
//! Source: facebook/buck2 pull request 1303

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

pub(super) fn run() {
    let running: Mutex<CheckedMap<u32, u32>> = Mutex::new(CheckedMap::named("running"));
    let start = |step, request| {
        if running.lock().unwrap().get(&step).is_some() {
            return;
        }
        thread::sleep(Duration::from_micros(200));
        running.lock().unwrap().insert(step, request);
    };
    thread::scope(|scope| {
        for request in 0..3 {
            scope.spawn(move || (0..10).for_each(|step| start(step, request)));
        }
    });
}
