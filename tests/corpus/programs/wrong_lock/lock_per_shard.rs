//! Keys are spread over shards, and each shard has a lock and a map of its own.
//!
//! Source: orcaman/concurrent-map issue 6

use std::sync::Mutex;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let shards: Vec<Mutex<CheckedMap<usize, usize>>> = (0..4).map(|_| Mutex::new(CheckedMap::new())).collect();
    thread::scope(|scope| {
        for worker in 0..3 {
            let shards = &shards;
            scope.spawn(move || {
                for key in 0..40 {
                    *shards[key % shards.len()].lock().unwrap().entry(key).or_insert(0) += worker;
                }
            });
        }
    });
}
