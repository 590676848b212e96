//! The memory cache's sweeper walks over all items to find the expired ones while requests put items in.
//!
//! Source: beego/beego pull request 2726

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::IterateWrite]);

pub(super) fn run() {
    let items: CheckedMap<u32, u64> = CheckedMap::named("items");
    thread::scope(|scope| {
        scope.spawn(|| {
            for now in 0..8 {
                let expired = items.iter().filter(|(_, expires)| **expires < now).count();
                assert!(expired <= 200);
                thread::sleep(Duration::from_micros(400));
            }
        });
        for item in 0..200 {
            items.insert(item, u64::from(item % 7));
            if item % 20 == 0 {
                thread::sleep(Duration::from_micros(200));
            }
        }
    });
}
