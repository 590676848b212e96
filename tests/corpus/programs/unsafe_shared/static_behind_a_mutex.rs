//! A `static mut` map, and every use of it inside one lock.
//!
//! Source: godotengine/godot pull request 118438

#![allow(unsafe_code)]

use std::sync::Mutex;
use std::thread;

use checkedmap::hash_map::HashMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

static LOCK: Mutex<()> = Mutex::new(());
static mut POOLS: Option<HashMap<u32, u32>> = None;

fn with_pools(work: impl FnOnce(&mut HashMap<u32, u32>)) {
    let _held = LOCK.lock();
    let place = &raw mut POOLS;
    // SAFETY: the lock is held, and nobody gets here without it.
    let pools = unsafe { &mut *place };
    work(pools.get_or_insert_with(|| HashMap::named("pools")));
}

pub(super) fn run() {
    thread::scope(|scope| {
        for thread in 0..3 {
            scope.spawn(move || {
                (0..20).for_each(|pool| {
                    with_pools(|pools| {
                        pools.insert(pool, thread);
                    })
                })
            });
        }
    });
}
