//! The owner of an account has a worker book on it and waits for the reply; then it looks at the balance again, and goes on
//! from there.
//!
//! Source: golang/go src/runtime/race/testdata/chan_test.go, TestNoRaceProducerConsumerUnbuffered

use std::sync::mpsc::{Sender, channel};
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let accounts: CheckedMap<u32, u32> = (0..10).map(|account| (account, 0)).collect();
    let (worker, bookings) = channel::<(u32, Sender<()>)>();
    thread::scope(|scope| {
        let accounts = &accounts;
        scope.spawn(move || {
            for (account, done) in bookings {
                let balance = *accounts.get(&account).unwrap();
                accounts.insert(account, balance + 10);
                done.send(()).unwrap();
            }
        });
        for account in 0..10 {
            if *accounts.get(&account).unwrap() == 0 {
                let (done, is_done) = channel();
                worker.send((account, done)).unwrap();
                is_done.recv().unwrap();
            }
            let balance = *accounts.get(&account).unwrap();
            accounts.insert(account, balance + 1);
        }
        drop(worker);
    });
    assert!(accounts.values().all(|balance| *balance == 11));
}
