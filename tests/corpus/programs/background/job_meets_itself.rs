//! A job fires every minute and takes ninety seconds; the next run starts on the same accounts.
//!
//! Source: incident: scheduled batch job

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

fn add_interest(accounts: &CheckedMap<u32, u64>) {
    for account in 0..30 {
        if let Some(mut cents) = accounts.get_mut(&account) {
            *cents += *cents / 100;
        }
        thread::sleep(Duration::from_micros(30));
    }
}

pub(super) fn run() {
    let accounts: CheckedMap<u32, u64> = (0..30).map(|account| (account, 10_000)).collect();
    thread::scope(|scope| {
        for _minute in 0..3 {
            scope.spawn(|| add_interest(&accounts));
            thread::sleep(Duration::from_millis(1));
        }
    });
}
