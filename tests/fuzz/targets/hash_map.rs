//! std's map as the oracle for `hash_map::HashMap`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../operations/hash_map.rs"]
mod operations;
mod steps;

use steps::Steps;

fuzz_target!(|steps: Steps<operations::Step>| operations::check(&steps.0));
