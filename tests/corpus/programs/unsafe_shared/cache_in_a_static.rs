//! A function keeps a cache in a static of its own. Nobody who calls it from two threads can know.
//!
//! Source: godotengine/godot pull request 113866

#![allow(unsafe_code)]

use std::thread;

use checkedmap::ConflictKind;
use checkedmap::hash_map::HashMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]);

fn class_name(class: u32) -> String {
    static mut NAMES: Option<HashMap<u32, u32>> = None;
    let place = &raw mut NAMES;
    // SAFETY: none; the function was written when there was one thread.
    let names = unsafe { &mut *place }.get_or_insert_with(|| HashMap::named("names"));
    names.insert(class, 1);
    format!("class {class}")
}

pub(super) fn run() {
    assert_eq!(class_name(0), "class 0");
    thread::scope(|scope| {
        for thread in 0..2 {
            scope.spawn(move || (0..15).map(|class| class_name(class * 2 + thread).len()).sum::<usize>());
        }
    });
}
