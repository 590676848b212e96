//! The last user of an interned value removes it from the table; who comes in between has it removed under its feet.
//!
//! Source: droundy/internment issue 11

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

pub(super) fn run() {
    let table: Mutex<CheckedMap<&str, u32>> = Mutex::new(CheckedMap::named("interned"));
    let intern = || *table.lock().unwrap().entry("value").or_insert(0) += 1;
    let release = || {
        let users = table.lock().unwrap().get("value").map_or(0, |users| *users);
        thread::sleep(Duration::from_micros(80));
        match users {
            0 | 1 => {
                table.lock().unwrap().remove("value");
            }
            _ => {
                table.lock().unwrap().insert("value", users - 1);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..40 {
                    intern();
                    thread::sleep(Duration::from_micros(40));
                    release();
                }
            });
        }
    });
}
