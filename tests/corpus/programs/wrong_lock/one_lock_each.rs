//! Getting takes the getters' lock, setting the setters' lock.
//!
//! Source: Azure/azure-dev pull request 9868

use std::sync::Mutex;
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

#[derive(Default)]
struct Lazy {
    getting: Mutex<()>,
    setting: Mutex<()>,
    values: CheckedMap<&'static str, u32>,
}

impl Lazy {
    fn get(&self, name: &str) -> Option<u32> {
        let _held = self.getting.lock();
        self.values.get(name).map(|value| *value)
    }

    fn set(&self, name: &'static str, value: u32) {
        let _held = self.setting.lock();
        self.values.insert(name, value);
    }
}

pub(super) fn run() {
    let lazy = Lazy::default();
    thread::scope(|scope| {
        scope.spawn(|| (0..30).for_each(|value| lazy.set("project", value)));
        scope.spawn(|| (0..30).filter_map(|_| lazy.get("project")).count());
    });
}
