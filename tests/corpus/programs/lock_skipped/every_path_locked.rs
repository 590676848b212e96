//! The global map is looked up and changed under its lock, on every path.
//!
//! Source: teamkeel/keel pull request 1799

use std::sync::Mutex;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let (lock, models) = (Mutex::new(()), CheckedMap::named("models"));
    thread::scope(|scope| {
        for worker in 0..3 {
            let (lock, models) = (&lock, &models);
            scope.spawn(move || {
                for model in 0..40 {
                    let _held = lock.lock();
                    if !models.contains_key(&model) {
                        models.insert(model, worker);
                    }
                }
            });
        }
    });
}
