//! An addon registers the constructors of its classes in one map for the process, from each of the host's threads.
//!
//! Source: napi-rs/napi-rs issue 1560

#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::sync::LazyLock;
use std::thread;

use checkedmap::ConflictKind;
use checkedmap::hash_map::HashMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

struct Constructors(UnsafeCell<HashMap<u32, u32>>);

// SAFETY: none; each thread of the host was thought to be the only one.
unsafe impl Sync for Constructors {}
// SAFETY: what it holds may be sent.
unsafe impl Send for Constructors {}

static CONSTRUCTORS: LazyLock<Constructors> =
    LazyLock::new(|| Constructors(UnsafeCell::new(HashMap::named("constructors"))));

fn new_instance(class: u32, thread: u32) {
    // SAFETY: none, see above.
    let constructors = unsafe { &mut *CONSTRUCTORS.0.get() };
    constructors.insert(class, thread);
}

pub(super) fn run() {
    thread::scope(|scope| {
        for thread in 0..3 {
            scope.spawn(move || (0..15).for_each(|class| new_instance(class, thread)));
        }
    });
}
