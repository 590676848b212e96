//! Tests that must not meet share a lock by name. The lock is looked for under the read lock and made under the write
//! lock, so that two tests get two.
//!
//! Source: palfrey/serial_test pull request 45

use std::sync::{Arc, Barrier, Mutex, RwLock};
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

type Locks = RwLock<CheckedMap<String, Arc<Mutex<()>>>>;

fn check_new_key(locks: &Locks, name: &str) {
    let is_new = !locks.read().unwrap().contains_key(name);
    if is_new {
        // Another test has its turn here, as it has now and then without it.
        thread::sleep(Duration::from_micros(50));
        let made = Arc::new(Mutex::new(()));
        locks.write().unwrap().insert(name.to_owned(), made);
    }
}

pub(super) fn run() {
    let locks: Locks = RwLock::new(CheckedMap::named("locks"));
    for group in 0..40 {
        let (locks, name, start) = (&locks, &format!("group {group}"), &Barrier::new(4));
        thread::scope(|scope| {
            for _test in 0..4 {
                scope.spawn(move || {
                    start.wait();
                    check_new_key(locks, name);
                });
            }
        });
    }
}
