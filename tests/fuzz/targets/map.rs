//! std's map as the oracle for `CheckedMap`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../operations/map.rs"]
mod operations;
mod steps;

use steps::Steps;

fuzz_target!(|steps: Steps<operations::Step>| operations::check(&steps.0));
