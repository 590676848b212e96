//! The table of default fillers is built by the first request, and two requests are the first.
//!
//! Source: mcuadros/go-defaults pull request 17

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]).or_stale();

pub(super) fn run() {
    let fillers: CheckedMap<&str, u8> = CheckedMap::named("fillers");
    thread::scope(|scope| {
        for _request in 0..3 {
            scope.spawn(|| {
                if fillers.is_empty() {
                    for (number, kind) in (0..).zip(["bool", "int", "float", "string", "slice"]) {
                        fillers.insert(kind, number);
                    }
                }
                fillers.contains_key("int")
            });
        }
    });
}
