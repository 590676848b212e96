//! The rule for a command is read, merged with the overlay, and stored again.
//!
//! Source: majiayu000/harness issue 429

use std::sync::RwLock;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

fn merge(rules: &RwLock<CheckedMap<&'static str, Vec<u32>>>, overlay: u32) {
    let mut merged = rules.read().unwrap().get("git").map_or_else(Vec::new, |rules| rules.clone());
    thread::sleep(Duration::from_micros(150));
    merged.push(overlay);
    rules.write().unwrap().insert("git", merged);
}

pub(super) fn run() {
    let rules = RwLock::new(CheckedMap::named("rules"));
    thread::scope(|scope| {
        for source in 0..3 {
            let rules = &rules;
            scope.spawn(move || (0..8).for_each(|rule| merge(rules, source * 10 + rule)));
        }
    });
}
