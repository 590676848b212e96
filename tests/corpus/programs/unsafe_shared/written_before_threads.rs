//! Routines register themselves while the program starts, on one thread; afterwards the table is only read.
//!
//! Source: posit-dev/ark pull request 677

#![allow(unsafe_code)]

use std::thread;

use checkedmap::hash_map::HashMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

static mut ROUTINES: Option<HashMap<u32, u32>> = None;

fn register(routine: u32) {
    let place = &raw mut ROUTINES;
    // SAFETY: the program has one thread when this is called.
    let routines = unsafe { &mut *place };
    routines.get_or_insert_with(|| HashMap::named("routines")).insert(routine, 0);
}

fn is_registered(routine: u32) -> bool {
    let place = &raw const ROUTINES;
    // SAFETY: nobody writes any more when this is called.
    let routines = unsafe { &*place };
    routines.as_ref().is_some_and(|routines| routines.contains_key(&routine))
}

pub(super) fn run() {
    (0..20).for_each(register);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..20).filter(|routine| is_registered(*routine)).count());
        }
    });
}
