//! `RefCell` as the oracle for nested guards of `CheckedCell` and `CheckedMap`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../operations/guards.rs"]
mod operations;

fuzz_target!(|steps: Vec<operations::Step>| operations::check(&operations::Checked::default(), &steps));
