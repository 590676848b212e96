//! Ten threads ask for credentials, and each makes the provider if it is not there yet.
//!
//! Source: GoBench goker/nonblocking/kubernetes/82550

use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation =
    Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]).or_stale();

pub(super) fn run() {
    let providers: CheckedMap<&str, u32> = CheckedMap::named("providers");
    thread::scope(|scope| {
        for number in 0..10 {
            let providers = &providers;
            scope.spawn(move || {
                if providers.get("registry").is_none() {
                    providers.insert("registry", number);
                }
            });
        }
    });
}
