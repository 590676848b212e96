//! A session is stored under a new id after a look whether the id is taken, in two calls.
//!
//! Source: maxcountryman/tower-sessions pull request 41

use std::sync::RwLock;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

pub(super) fn run() {
    let store: RwLock<CheckedMap<u32, u32>> = RwLock::new(CheckedMap::named("sessions"));
    let save = |id, record| {
        let taken = store.read().unwrap().get(&id).is_some();
        if !taken {
            thread::sleep(Duration::from_micros(100));
            store.write().unwrap().insert(id, record);
        }
    };
    thread::scope(|scope| {
        for client in 0..3 {
            scope.spawn(move || (0..20).for_each(|id| save(id, client)));
        }
    });
}
