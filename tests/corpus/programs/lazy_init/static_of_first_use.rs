//! A static map is filled by `LazyLock` and read by all.
//!
//! Source: mcuadros/go-defaults pull request 17, the fix

use std::sync::LazyLock;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

static FILLERS: LazyLock<CheckedMap<u32, u32>> = LazyLock::new(|| {
    let fillers = CheckedMap::named("fillers");
    for kind in 0..20 {
        fillers.insert(kind, kind * 8);
    }
    fillers
});

pub(super) fn run() {
    thread::scope(|scope| {
        for reader in 0..4 {
            scope.spawn(move || (0..30).filter_map(|_| FILLERS.get(&reader).map(|size| *size)).sum::<u32>());
        }
    });
}
