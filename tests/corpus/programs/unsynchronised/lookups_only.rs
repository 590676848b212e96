//! Two threads look keys up in a map that nobody changes.
//!
//! Source: golang/go src/runtime/race/testdata/map_test.go, TestNoRaceMapRR

use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let countries: CheckedMap<&str, &str> = CheckedMap::named("countries");
    countries.extend([("de", "Germany"), ("fr", "France")]);
    thread::scope(|scope| {
        for code in ["de", "fr", "de", "it"] {
            let countries = &countries;
            scope.spawn(move || (0..50).filter(|_| countries.contains_key(code)).count());
        }
    });
}
