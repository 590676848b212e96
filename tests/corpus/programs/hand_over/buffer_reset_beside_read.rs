//! A read transaction's buffer is emptied for the next one while a reader still looks into it.
//!
//! Source: GoBench goker/nonblocking/etcd/9446

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let buckets: CheckedMap<&str, u32> = CheckedMap::named("buckets");
    buckets.insert("1", 1);
    thread::scope(|scope| {
        scope.spawn(|| buckets.clear());
        scope.spawn(|| buckets.contains_key("1"));
    });
}
