//! The second thread waits on a condition variable until the first has filled the map.
//!
//! Source: golang/go src/runtime/race/testdata/sync_test.go, TestNoRaceCond

use std::sync::{Condvar, Mutex};
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let (orders, filled, came) = (CheckedMap::named("orders"), Mutex::new(false), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            (0..10).for_each(|order| {
                orders.insert(order, "new");
            });
            *filled.lock().unwrap() = true;
            came.notify_one();
        });
        let mut is_filled = filled.lock().unwrap();
        while !*is_filled {
            is_filled = came.wait(is_filled).unwrap();
        }
        drop(is_filled);
        (0..10).for_each(|order| {
            orders.insert(order, "shipped");
        });
    });
}
