//! A page in the web cache is refreshed by one request while another one, which has seen the old page, evicts it.
//!
//! Source: librefang/librefang pull request 7583

use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

pub(super) fn run() {
    let pages: Mutex<CheckedMap<u32, u32>> = Mutex::new((0..5).map(|page| (page, 0)).collect());
    let served = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            served.wait();
            for round in 1..40 {
                for page in 0..5 {
                    pages.lock().unwrap().insert(page, round);
                    thread::sleep(Duration::from_micros(40));
                }
            }
        });
        scope.spawn(|| {
            served.wait();
            for round in 0..40 {
                for page in 0..5 {
                    let age = pages.lock().unwrap().get(&page).map(|stored| round - round.min(*stored));
                    thread::sleep(Duration::from_micros(60));
                    if age.is_some() {
                        pages.lock().unwrap().remove(&page);
                    }
                }
            }
        });
    });
}
