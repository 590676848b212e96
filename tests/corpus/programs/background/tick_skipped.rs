//! The scheduler skips a tick while the last run is still at work.
//!
//! Source: incident: scheduled batch job, repaired

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let accounts: CheckedMap<u32, u64> = CheckedMap::named("accounts");
    accounts.extend((0..20).map(|account| (account, 10_000)));
    let running = AtomicBool::new(false);
    let tick = || {
        if running.swap(true, Ordering::AcqRel) {
            return;
        }
        for account in 0..20 {
            if let Some(mut cents) = accounts.get_mut(&account) {
                *cents += *cents / 100;
            }
            thread::sleep(Duration::from_micros(20));
        }
        running.store(false, Ordering::Release);
    };
    thread::scope(|scope| {
        for _minute in 0..5 {
            scope.spawn(tick);
            thread::sleep(Duration::from_micros(400));
        }
    });
}
