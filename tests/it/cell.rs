use std::sync::mpsc;
use std::thread;

use checkedmap::{CheckedCell, ConflictKind, Mode};

/// Runs `contender` on a thread of its own while this thread's guard is held.
fn beside<R: Send>(contender: impl FnOnce() -> R + Send) -> thread::Result<R> {
    thread::scope(|scope| scope.spawn(contender).join())
}

#[test]
fn two_writers_conflict() {
    let cell = CheckedCell::new(0);
    let holding = cell.write();
    let conflict = beside(|| cell.try_write().map(drop).unwrap_err()).unwrap();
    assert_eq!(conflict.kind(), ConflictKind::WriteWrite);
    drop(holding);
    assert!(beside(|| cell.try_write().is_ok()).unwrap());
}

#[test]
fn a_waiting_writer_gets_its_turn_in_log_mode() {
    let cell = CheckedCell::new(0);
    cell.set_mode(Mode::Log);
    let (refused, is_refused) = mpsc::channel();
    thread::scope(|scope| {
        let mut holding = cell.write();
        scope.spawn(|| {
            refused.send(cell.try_write().is_err()).unwrap();
            *cell.write() += 1;
        });
        assert!(is_refused.recv().unwrap());
        *holding += 1;
        drop(holding);
    });
    assert_eq!(*cell.read(), 2);
}

#[test]
fn panic_names_the_holder() {
    let cell = CheckedCell::new(0);
    let holding = cell.read();
    let panic = beside(|| { let _g = cell.write(); }).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("tests/it/cell.rs"), "{text}");
    drop(holding);
    *cell.write() = 2;
}

#[test]
fn fallback_degrades() {
    let cell = CheckedCell::new(0);
    cell.set_mode(Mode::Fallback);
    thread::scope(|scope| {
        let holding = cell.read();
        let h = scope.spawn(|| { *cell.write() += 1; });
        while cell.circuit() != checkedmap::Circuit::Degraded { thread::yield_now(); }
        let nested = cell.read();
        drop(holding);
        drop(nested);
        h.join().unwrap();
    });
    assert_eq!(*cell.read(), 1);
}
