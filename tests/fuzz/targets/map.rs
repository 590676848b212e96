//! std's map as the oracle for `CheckedMap`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../operations/map.rs"]
mod operations;

fuzz_target!(|steps: Vec<operations::Step>| operations::check(&steps));
