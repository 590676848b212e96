//! A read of an expired entry also removes it, still under the read lock; two of them at a time.
//!
//! Source: newscred/webhook-broker pull request 266

use std::sync::RwLock;
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]);

struct Cache(RwLock<CheckedMap<u32, u32>>);

impl Cache {
    fn get(&self, key: u32) -> Option<u32> {
        let entries = self.0.read().unwrap();
        let age = entries.get(&key).map(|age| *age)?;
        if age > 5 {
            entries.remove(&key);
            return None;
        }
        Some(age)
    }
}

pub(super) fn run() {
    let cache = Cache(RwLock::new((0..40).map(|key| (key, key % 9)).collect()));
    thread::scope(|scope| {
        for first in [0, 20] {
            let cache = &cache;
            scope.spawn(move || (first..first + 20).filter_map(|key| cache.get(key)).count());
        }
    });
}
