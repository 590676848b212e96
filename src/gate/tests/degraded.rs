//! The lock in the word's place, and reads that must not wait for it.

use std::thread;
use std::time::{Duration, Instant};

use super::thread::{REGISTRY, Thread, unsigned};
use crate::access::{AccessKind, Operation};
use crate::gate::{Gate, Hold, Manner, Regime, Wait};
use crate::ledger::Phase;

#[test]
fn degraded_accesses_pass_the_lock_and_recovery_waits_for_them() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    assert!(gate.degrade(&REGISTRY));
    assert!(!gate.degrade(&REGISTRY), "once is enough");
    let first = a.enter(&gate, Operation::Get).ok().unwrap();
    let second = b.enter(&gate, Operation::Get).ok().unwrap();
    assert_eq!((first.1, second.1), (Hold::Locked, Hold::Locked));
    assert!(!gate.try_recover());
    let refusal = b.enter(&gate, Operation::Insert).err().unwrap();
    assert_eq!(
        refusal.holder.unwrap().entry.sequence,
        second.0.sequence(),
        "the thread's own read is in its way first"
    );
    Thread::leave(&gate, second);
    assert_eq!(b.enter(&gate, Operation::Insert).err().unwrap().regime, Regime::Degraded);
    Thread::leave(&gate, first);
    assert!(gate.try_recover());
    let counted = b.enter(&gate, Operation::Insert).ok().unwrap();
    assert_eq!(counted.1, Hold::Counted);
    Thread::leave(&gate, counted);
}

/// Runs `then` while a write of `waiter` waits at the lock of a degraded gate.
fn beside_a_waiting_write(gate: &Gate, waiter: &Thread, looker: &Thread, then: impl FnOnce()) {
    let open = waiter.open(gate, Operation::Insert);
    open.set_phase(Phase::Waiting);
    let far = Instant::now() + Duration::from_secs(60);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| gate.wait(&REGISTRY, open, AccessKind::Write, Manner::Patient, far, unsigned));
        // Refused from the moment on in which the write has its place at the lock.
        while let Ok(entered) = looker.enter(gate, Operation::Len) {
            Thread::leave(gate, entered);
            thread::yield_now();
        }
        then();
        assert_eq!(waiting.join().unwrap(), Wait::Admitted(Hold::Locked));
    });
    Thread::leave(gate, (open, Hold::Locked));
}

#[test]
fn a_read_is_never_refused_for_a_read() {
    let (gate, a, b, c) = (Gate::new(), Thread::new(), Thread::new(), Thread::new());
    gate.degrade(&REGISTRY);
    let held = a.enter(&gate, Operation::Get).ok().unwrap();
    beside_a_waiting_write(&gate, &b, &c, || {
        let refusal = c.enter(&gate, Operation::Len).err().unwrap();
        assert_eq!(refusal.holder.unwrap().entry.access.operation, Operation::Insert, "the write that waits");
        Thread::leave(&gate, held);
    });
}

/// As when a guard is cloned on another thread, which must not wait for a writer that waits for the guard.
#[test]
fn a_read_beside_an_open_read_does_not_wait_for_the_lock() {
    let (gate, a, b, c) = (Gate::new(), Thread::new(), Thread::new(), Thread::new());
    gate.degrade(&REGISTRY);
    let held = a.enter(&gate, Operation::Get).ok().unwrap();
    beside_a_waiting_write(&gate, &b, &c, || {
        let open = c.open(&gate, Operation::Clone);
        let beside = gate.try_enter(&REGISTRY, open, AccessKind::Read, Manner::BesideRead, unsigned);
        assert_eq!(beside.ok(), Some(Hold::Counted));
        Thread::leave(&gate, held);
        Thread::leave(&gate, (open, Hold::Counted));
    });
}
