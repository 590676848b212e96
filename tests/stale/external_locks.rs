//! Under a lock of the program's, and under this library's in `fallback`.

use std::sync::{Barrier, Mutex, RwLock};

use checkedmap::report::Effect;
use checkedmap::{Circuit, Mode};

use crate::stage::{elsewhere, expect, expect_silence, map, repeats, suspects};

#[test]
fn a_lock_released_between_the_calls_does_not_help() {
    let (accounts, lock) = (map("lock released"), Mutex::new(()));
    accounts.insert("ada", 10);
    let withdraw = |gap: &dyn Fn()| {
        let balance = {
            let _held = lock.lock().unwrap();
            *accounts.get("ada").unwrap()
        };
        gap();
        let _held = lock.lock().unwrap();
        accounts.insert("ada", balance - 1);
    };
    withdraw(&|| elsewhere(|| withdraw(&|| ())));
    assert_eq!(accounts.get("ada").unwrap(), 9, "the bug itself: two were withdrawn");
    expect("lock released", Effect::Overwritten, ["get", "insert", "insert"]);
}

#[test]
fn a_lock_held_over_both_calls_is_silent() {
    let (accounts, lock) = (map("lock held"), Mutex::new(()));
    accounts.insert("ada", 10);
    let withdraw = || {
        let _held = lock.lock().unwrap();
        let balance = *accounts.get("ada").unwrap();
        accounts.insert("ada", balance - 1);
    };
    for _ in 0..4 {
        withdraw();
        elsewhere(withdraw);
    }
    assert_eq!(accounts.get("ada").unwrap(), 2);
    expect_silence("lock held");
}

/// Four threads look before any of them writes, so that of four inserts three are lost.
#[test]
fn every_update_that_is_lost_is_told_and_none_besides() {
    const THREADS: usize = 4;
    const ROUNDS: u64 = 50;
    let (locks, all_have_looked) = (RwLock::new(map("every one")), Barrier::new(THREADS));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (locks, all_have_looked) = (&locks, &all_have_looked);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let is_new = !locks.read().unwrap().contains_key(&round);
                    all_have_looked.wait();
                    if is_new {
                        locks.write().unwrap().insert(round, thread);
                    }
                }
            });
        }
    });
    let told: u64 = suspects("every one").iter().map(|suspect| suspect.count).sum();
    assert_eq!(told + repeats("every one"), (THREADS as u64 - 1) * ROUNDS);
}

#[test]
fn a_degraded_map_is_watched() {
    let orders = map("degraded");
    orders.set_mode(Mode::Fallback);
    // A conflict to fall back from: a read is held for as long as a write has not been refused.
    std::thread::scope(|scope| {
        let reading = orders.read();
        scope.spawn(|| orders.insert(1, "once"));
        while orders.circuit() != Circuit::Degraded {
            std::thread::yield_now();
        }
        drop(reading);
    });
    assert_eq!(orders.circuit(), Circuit::Degraded);
    if !orders.contains_key(&7) {
        elsewhere(|| orders.insert(7, "theirs"));
        orders.insert(7, "ours");
    }
    assert_eq!(orders.circuit(), Circuit::Degraded);
    expect("degraded", Effect::Overwritten, ["contains_key", "insert", "insert"]);
}

#[test]
fn every_mode_only_reports() {
    for (name, mode) in [("panic", Mode::Panic), ("abort", Mode::Abort), ("log", Mode::Log)] {
        let map = map(name);
        map.set_mode(mode);
        if !map.contains_key(&7) {
            elsewhere(|| map.insert(7, "theirs"));
            assert_eq!(map.insert(7, "ours"), Some("theirs"));
        }
        expect(name, Effect::Overwritten, ["contains_key", "insert", "insert"]);
    }
}
