//! A cached handle is found to be closed, so a new session is started and stored; two callers do it, and one session
//! is orphaned.
//!
//! Source: restatedev/restate pull request 4433

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

pub(super) fn run() {
    let handles: Mutex<CheckedMap<u32, bool>> = Mutex::new((0..10).map(|id| (id, true)).collect());
    let session = |id| {
        let closed = handles.lock().unwrap().get(&id).is_none_or(|closed| *closed);
        if closed {
            thread::sleep(Duration::from_micros(200));
            handles.lock().unwrap().insert(id, false);
        }
    };
    thread::scope(|scope| {
        for _caller in 0..3 {
            scope.spawn(|| (0..10).for_each(session));
        }
    });
}
