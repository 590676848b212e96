//! A map is filled and given away with the message; its sender keeps nothing.
//!
//! Source: golang/go src/runtime/race/testdata/chan_test.go, TestNoRaceChanSync

use std::sync::mpsc::channel;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let (batches, incoming) = channel::<CheckedMap<u32, u32>>();
    thread::scope(|scope| {
        scope.spawn(|| {
            for batch in incoming {
                batch.insert(99, 0);
                assert_eq!(batch.len(), 11);
            }
        });
        for number in 0..10 {
            let batch = CheckedMap::named("batch");
            for line in 0..10 {
                batch.insert(line, number);
            }
            batches.send(batch).unwrap();
        }
        drop(batches);
    });
}
