//! The entries are copied under the lock, and the copy is walked over.
//!
//! Source: jhalterman/expiringmap pull request 78

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let sessions: Mutex<CheckedMap<u32, u32>> = Mutex::new(CheckedMap::named("sessions"));
    thread::scope(|scope| {
        scope.spawn(|| {
            for session in 0..30 {
                sessions.lock().unwrap().insert(session, 0);
            }
        });
        for _ in 0..5 {
            let copy: Vec<u32> = sessions.lock().unwrap().keys().map(|session| *session).collect();
            thread::sleep(Duration::from_micros(100) * u32::try_from(copy.len()).unwrap_or(1).min(5));
        }
    });
}
