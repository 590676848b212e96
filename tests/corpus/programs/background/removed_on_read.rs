//! A resolver's cache removes expired records as they are looked up, by several lookups at once.
//!
//! Source: domainr/dnsr pull request 60

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]);

fn lookup(records: &CheckedMap<u32, u32>, name: u32) -> Option<u32> {
    let ttl = records.get(&name).map(|ttl| *ttl);
    if ttl == Some(0) {
        records.remove(&name);
        return None;
    }
    ttl
}

pub(super) fn run() {
    let records: CheckedMap<u32, u32> = (0..80).map(|name| (name, name % 2)).collect();
    thread::scope(|scope| {
        for resolver in 0..2 {
            let records = &records;
            scope.spawn(move || (0..40).filter_map(|name| lookup(records, name * 2 + resolver)).count());
        }
    });
}
