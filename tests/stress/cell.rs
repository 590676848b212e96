//! One cell, every mode that lets both sides go on, guards nested and dropped in any order.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

use checkedmap::{CheckedCell, Mode};

use crate::dice::Dice;

const THREADS: u64 = 4;
const ROUNDS: u64 = 10_000;

/// Parts that every write changes together.
type Parts = [u64; 8];

fn add_one(parts: &mut Parts) {
    parts.iter_mut().for_each(|part| *part += 1);
}

fn assert_whole(parts: &Parts) {
    assert!(parts.iter().all(|part| *part == parts[0]), "a torn value: {parts:?}");
}

/// One thread's share; returns how often it wrote.
fn act(cell: &CheckedCell<Parts>, seed: u64) -> u64 {
    let mut dice = Dice::new(seed);
    let mut writes = 0;
    for _ in 0..ROUNDS {
        match dice.below(10) {
            0..4 => {
                add_one(&mut cell.write());
                writes += 1;
            }
            4 => {
                if let Ok(mut parts) = cell.try_write() {
                    add_one(&mut parts);
                    writes += 1;
                }
            }
            5 => {
                let outer = cell.read();
                let inner = cell.read();
                assert_whole(&outer);
                drop(outer);
                thread::yield_now();
                assert_whole(&inner);
            }
            6 => {
                if let Ok(parts) = cell.try_read() {
                    assert_whole(&parts);
                }
            }
            _ => assert_whole(&cell.read()),
        }
    }
    writes
}

fn storm(cell: &CheckedCell<Parts>, act: impl Fn(&CheckedCell<Parts>, u64) -> u64 + Sync) -> u64 {
    let start = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        let threads: Vec<_> = (1..=THREADS)
            .map(|seed| {
                let (act, start) = (&act, &start);
                scope.spawn(move || {
                    start.wait();
                    act(cell, seed)
                })
            })
            .collect();
        // Joined one by one: the end of a scope is an order that ThreadSanitizer does not see.
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

#[test]
fn log_keeps_every_write() {
    let cell = CheckedCell::named("stress-log", [0; 8]);
    cell.set_mode(Mode::Log);
    let writes = storm(&cell, act);
    assert_eq!(cell.into_inner(), [writes; 8]);
}

#[test]
fn fallback_keeps_every_write() {
    let cell = CheckedCell::named("stress-fallback", [0; 8]);
    cell.set_mode(Mode::Fallback);
    let writes = storm(&cell, act);
    assert_eq!(cell.into_inner(), [writes; 8]);
}

#[test]
fn modes_that_change_under_way_keep_every_write() {
    let cell = CheckedCell::named("stress-changing", [0; 8]);
    cell.set_mode(Mode::Log);
    let writes = storm(&cell, |cell, seed| {
        let mut dice = Dice::new(seed + 100);
        (0..20)
            .map(|_| {
                cell.set_mode(if dice.below(2) == 0 { Mode::Log } else { Mode::Fallback });
                let mut writes = 0;
                for _ in 0..ROUNDS / 20 {
                    add_one(&mut cell.write());
                    writes += 1;
                }
                assert_whole(&cell.read());
                writes
            })
            .sum()
    });
    assert_eq!(cell.into_inner(), [writes; 8]);
}

#[test]
fn panics_leave_the_value_whole_and_the_cell_usable() {
    let cell = CheckedCell::named("stress-panic", [0; 8]);
    cell.set_mode(Mode::Panic);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let writes = storm(&cell, |cell, seed| {
        let mut dice = Dice::new(seed);
        let mut writes = 0;
        for _ in 0..ROUNDS / 10 {
            let wrote = catch_unwind(AssertUnwindSafe(|| {
                if dice.below(2) == 0 {
                    let mut parts = cell.write();
                    add_one(&mut parts);
                    1
                } else {
                    assert_whole(&cell.read());
                    0
                }
            }));
            writes += wrote.unwrap_or(0);
        }
        writes
    });
    std::panic::set_hook(hook);
    assert_eq!(cell.into_inner(), [writes; 8]);
}
