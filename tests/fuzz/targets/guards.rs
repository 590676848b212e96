//! `RefCell` as the oracle for nested guards of `CheckedCell` and `CheckedMap`.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../operations/guards.rs"]
mod operations;
mod steps;

use steps::Steps;

fuzz_target!(|steps: Steps<operations::Step>| operations::check(&operations::Checked::default(), &steps.0));
