//! Test cases that run in parallel share the schema they were given, and each adds its own resource to it.
//!
//! Source: pulumi/pulumi-terraform-bridge issue 2953

use std::sync::LazyLock;
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]);

static SCHEMA: LazyLock<CheckedMap<String, u32>> = LazyLock::new(|| CheckedMap::named("schema"));

fn test_case(case: u32) {
    SCHEMA.insert(format!("test_{case}"), case);
    assert!(SCHEMA.contains_key(&format!("test_{case}")));
}

pub(super) fn run() {
    let cases: Vec<_> = (0..6).map(|case| thread::spawn(move || test_case(case))).collect();
    for case in cases {
        case.join().unwrap();
    }
}
