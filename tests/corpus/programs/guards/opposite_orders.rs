//! A transfer takes the two accounts' maps for writing, one after the other. Another one takes them the other way
//! round.
//!
//! Source: xacrimon/dashmap issue 369, between two threads

use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite, ConflictKind::Deadlock]);

fn transfer(from: &CheckedMap<u32, i64>, to: &CheckedMap<u32, i64>) {
    let mut from = from.write();
    *from.entry(0).or_insert(0) -= 5;
    thread::sleep(Duration::from_millis(1));
    *to.write().entry(0).or_insert(0) += 5;
}

pub(super) fn run() {
    let (savings, checking) = (CheckedMap::named("savings"), CheckedMap::named("checking"));
    thread::scope(|scope| {
        let there = scope.spawn(|| transfer(&savings, &checking));
        let back = scope.spawn(|| transfer(&checking, &savings));
        // One of the two panics, since no wait could end it.
        let _ = (there.join(), back.join());
    });
}
