//! Processors open their storages at the same time; each takes the lock that guards the list of them.
//!
//! Source: lovoo/goka pull request 200

use std::sync::{Arc, Mutex};
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let storages = Arc::new(Mutex::new(CheckedMap::named("storages")));
    let processors: Vec<_> = (0..4)
        .map(|processor| {
            let storages = Arc::clone(&storages);
            thread::spawn(move || {
                for topic in 0..10 {
                    storages.lock().unwrap().insert((processor, topic), Vec::<u8>::new());
                }
            })
        })
        .collect();
    for processor in processors {
        processor.join().unwrap();
    }
    assert_eq!(storages.lock().unwrap().len(), 40);
}
