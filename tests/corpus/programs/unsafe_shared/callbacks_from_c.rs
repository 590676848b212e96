//! A library calls back on threads of its own with the pointer it was given, which leads to a map the program still
//! uses.
//!
//! Source: peektism/sunshine-keybase issue 45

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::thread;

use checkedmap::ConflictKind;
use checkedmap::hash_map::HashMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::overlap(&[ConflictKind::WriteWrite]);

#[derive(Clone, Copy)]
struct UserData(*mut c_void);

// SAFETY: none; C does not ask.
unsafe impl Send for UserData {}

extern "C" fn on_event(user_data: *mut c_void, event: u32) {
    // SAFETY: the pointer is that of the map. That no other thread uses it is what is wrong here.
    let events = unsafe { &mut *user_data.cast::<HashMap<u32, u32>>() };
    events.insert(event, 1);
}

fn call_back_from_two_threads(callback: extern "C" fn(*mut c_void, u32), user_data: UserData) {
    thread::scope(|scope| {
        for first in [0, 100] {
            scope.spawn(move || {
                let user_data = user_data;
                (first..first + 15).for_each(|event| callback(user_data.0, event));
            });
        }
    });
}

pub(super) fn run() {
    let mut events: HashMap<u32, u32> = HashMap::named("events");
    events.insert(u32::MAX, 0);
    call_back_from_two_threads(on_event, UserData((&raw mut events).cast()));
}
