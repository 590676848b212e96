//! A wrapper for interned values says that it is `Sync`, whatever is in it; its table is not.
//!
//! Source: RUSTSEC-2021-0036, internment

#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::thread;

use checkedmap::ConflictKind;
use checkedmap::hash_map::HashMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite, ConflictKind::ReadWrite]);

struct Interner<T>(UnsafeCell<T>);

// SAFETY: none; there is no bound that would make it true.
unsafe impl<T> Sync for Interner<T> {}

impl Interner<HashMap<u64, usize>> {
    fn intern(&self, value: u64) -> bool {
        // SAFETY: none, see above.
        let table = unsafe { &mut *self.0.get() };
        table.insert(value, 1).is_none()
    }

    fn len(&self) -> usize {
        // SAFETY: none, see above.
        let table = unsafe { &*self.0.get() };
        table.len()
    }
}

pub(super) fn run() {
    let interner = Interner(UnsafeCell::new(HashMap::named("interned")));
    thread::scope(|scope| {
        for worker in 0..2 {
            let interner = &interner;
            scope.spawn(move || (0..20).filter(|value| interner.intern(value * 2 + worker)).count());
        }
        let _ = interner.len();
    });
}
