//! What becomes of the accesses that come as a degraded map is checked again.
//!
//! The settings of this process: a map is checked again after 20 ms of peace.

use std::thread;
use std::time::{Duration, Instant};

use checkedmap::{CheckedCell, Circuit, Config, Mode};

const RECOVER: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(30);

fn cell(name: &'static str) -> CheckedCell<u32> {
    Config::new().with_recover(RECOVER).with_report([]).apply();
    let cell = CheckedCell::named(name, 0);
    cell.set_mode(Mode::Fallback);
    cell
}

/// Has the cell degraded by a conflict of another thread with the guard, which is dropped then.
fn degrade(cell: &CheckedCell<u32>, held: impl Sized) {
    thread::scope(|scope| {
        let other = scope.spawn(|| *cell.write() += 1);
        let deadline = Instant::now() + PATIENCE;
        while cell.circuit() != Circuit::Degraded {
            assert!(Instant::now() < deadline, "a conflict degrades the cell");
            thread::yield_now();
        }
        drop(held);
        other.join().unwrap();
    });
}

/// The access that has the gate recover may be the last of the streak that makes its thread the owner.
#[test]
fn whoever_recovers_the_gate_and_owns_it_is_inside() {
    let cell = cell("owner");
    (0..14).for_each(|_| *cell.write() += 1);
    let held = cell.write();
    degrade(&cell, held);
    // However long the wait, nobody else uses the cell: the next access finds it due.
    thread::sleep(RECOVER * 5);
    let held = cell.write();
    assert_ne!(cell.circuit(), Circuit::Degraded);
    let refused = thread::scope(|scope| scope.spawn(|| cell.try_write().is_err()).join().unwrap());
    assert!(refused, "a write is inside");
    drop(held);
    assert!(cell.try_write().is_ok());
}

/// Accesses that meet nobody have not waited, be they each thread's first; so they do not put off the moment at which the gate is
/// checked again either.
#[test]
fn first_accesses_do_not_wait() {
    let cell = cell("first accesses");
    let held = cell.write();
    degrade(&cell, held);
    let waits = || {
        let maps = checkedmap::observe::maps();
        maps.into_iter().find(|map| map.name == "first accesses").unwrap().waits
    };
    let before = waits();
    for _ in 0..10 {
        thread::scope(|scope| scope.spawn(|| *cell.write() += 1).join().unwrap());
    }
    assert_eq!(waits(), before);
}
