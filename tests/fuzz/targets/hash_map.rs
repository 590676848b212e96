//! std's map as the oracle for `hash_map::HashMap`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../operations/hash_map.rs"]
mod operations;

fuzz_target!(|steps: Vec<operations::Step>| operations::check(&steps));
