//! The template of each operator is rendered under the write lock; the check whether it is known goes first, without
//! any.
//!
//! Source: infinispan/infinispan-operator pull request 1486

use std::sync::RwLock;
use std::thread;

use checkedmap::{CheckedMap, ConflictKind};

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::ReadWrite]);

pub(super) fn run() {
    let (lock, templates) = (RwLock::new(()), CheckedMap::named("templates"));
    thread::scope(|scope| {
        for operator in 0..3 {
            let (lock, templates) = (&lock, &templates);
            scope.spawn(move || {
                for template in 0..10 {
                    let known = templates.is_empty();
                    let _held = lock.write();
                    templates.insert((operator, template), known);
                }
            });
        }
    });
}
