//! Each request puts its own values into the data all templates share, and renders.
//!
//! Source: criteo/graphite-remote-adapter pull request 11

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite, ConflictKind::WriteWrite]);

fn render(data: &CheckedMap<&'static str, u32>, request: u32) -> Option<u32> {
    data.insert("request", request);
    data.get("shared").map(|shared| *shared + request)
}

pub(super) fn run() {
    let data = CheckedMap::named("template data");
    data.insert("shared", 1);
    thread::scope(|scope| {
        for request in 0..3 {
            let data = &data;
            scope.spawn(move || (0..10).filter_map(|page| render(data, request * 10 + page)).count());
        }
    });
}
