//! A lookup notices under the lock that its answer is too old, and removes it after the lock is released.
//!
//! Source: looterz/grimd pull request 40

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]);

pub(super) fn run() {
    let (lock, answers): (_, CheckedMap<u32, u32>) = (Mutex::new(()), (0..100).map(|name| (name, name % 4)).collect());
    thread::scope(|scope| {
        scope.spawn(|| {
            for name in 100..200 {
                let _held = lock.lock();
                answers.insert(name, name % 4);
                thread::sleep(Duration::from_micros(20));
            }
        });
        for name in 0..100 {
            let held = lock.lock();
            let expired = answers.get(&name).is_some_and(|age| *age > 2);
            drop(held);
            if expired {
                answers.remove(&name);
            }
            thread::sleep(Duration::from_micros(20));
        }
    });
}
