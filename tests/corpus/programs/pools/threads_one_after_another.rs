//! Short-lived threads come one after another, with the stacks, and at times the ids, of those before.
//!
//! Source: rust-lang/miri pull request 3475

use std::sync::Arc;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let seen = Arc::new(CheckedMap::named("seen"));
    for generation in 0..40 {
        let seen = Arc::clone(&seen);
        thread::spawn(move || {
            seen.insert(generation % 4, generation);
        })
        .join()
        .unwrap();
    }
}
