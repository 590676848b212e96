//! A lookup finds an entry to be expired and removes it. In between, somebody has stored a fresh one.
//!
//! Source: api7/adc pull request 559

use std::sync::RwLock;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

type Entries = RwLock<CheckedMap<&'static str, u32>>;

fn get_live(entries: &Entries, now: u32) -> Option<u32> {
    let stored = entries.read().unwrap().get("config").map(|at| *at)?;
    thread::sleep(Duration::from_micros(100));
    if stored + 2 < now {
        entries.write().unwrap().remove("config");
        return None;
    }
    Some(stored)
}

pub(super) fn run() {
    let entries: Entries = RwLock::new(CheckedMap::named("entries"));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for now in 0..30 {
                    let _ = get_live(&entries, now * 5);
                    thread::sleep(Duration::from_micros(50));
                }
            });
        }
        scope.spawn(|| {
            for now in 0..40 {
                entries.write().unwrap().insert("config", now / 10);
                thread::sleep(Duration::from_micros(50));
            }
        });
    });
}
