//! What the child of a fork forgives.

use super::thread::{REGISTRY, Thread, make_owner};
use crate::access::Operation;
use crate::gate::Gate;
use crate::gate::published::can_publish;
use crate::ledger::Phase;

#[test]
fn lost_guards_are_forgiven_and_torn_writes_are_not() {
    for (inside, forgiven) in
        [(Operation::Get, true), (Operation::WriteGuard, true), (Operation::Insert, false), (Operation::Entry, false)]
    {
        for degraded in [false, true] {
            let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
            if degraded {
                gate.degrade(&REGISTRY);
            }
            let _ = a.enter(&gate, inside).ok().unwrap();
            a.0.lose();
            assert_eq!(gate.forgive_lost(&REGISTRY), forgiven);
            assert!(!gate.forgive_lost(&REGISTRY), "once is enough");
            assert_eq!(b.enter(&gate, Operation::Clear).is_ok(), forgiven, "{inside} degraded={degraded}");
            std::mem::forget(a);
        }
    }
}

/// A hunt keeps it from beginning when the process forks.
#[test]
fn a_lost_write_that_has_not_begun_is_forgiven() {
    for has_begun in [false, true] {
        for owned in [false, true] {
            let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
            if owned && make_owner(&gate, &a).is_none() {
                return assert!(!can_publish());
            }
            let (open, _) = a.enter(&gate, Operation::Insert).ok().unwrap();
            let held_off = open.hold_off();
            if has_begun {
                drop(held_off);
            } else {
                std::mem::forget(held_off);
            }
            assert!(b.enter(&gate, Operation::Get).is_err());
            a.0.lose();
            let forgiven = !has_begun && cfg!(target_os = "linux");
            assert_eq!(gate.forgive_lost(&REGISTRY), forgiven, "owned={owned}");
            assert!(!gate.forgive_lost(&REGISTRY), "once is enough");
            assert_eq!(b.enter(&gate, Operation::Clear).is_ok(), forgiven, "owned={owned}");
            std::mem::forget(a);
        }
    }
}

/// The child of a fork has revoked the regime in which it was let in.
#[test]
fn a_lost_guard_of_an_owner_is_taken_off_once() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let Some(()) = make_owner(&gate, &a) else { return assert!(!can_publish()) };
    let _ = a.enter(&gate, Operation::WriteGuard).ok().unwrap();
    a.0.lose();
    assert!(b.enter(&gate, Operation::Get).is_err(), "it is counted by now");
    assert!(gate.forgive_lost(&REGISTRY));
    assert!(!gate.forgive_lost(&REGISTRY), "once is enough");
    let entered = b.enter(&gate, Operation::Insert).ok().expect("nobody is inside");
    Thread::leave(&gate, entered);
    std::mem::forget(a);
}

/// The process forked between an owner's leaving its slot and its learning that it had been counted.
#[test]
fn a_lost_access_that_was_counted_and_not_told_is_forgiven() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let Some(()) = make_owner(&gate, &a) else { return assert!(!can_publish()) };
    let (open, _) = a.enter(&gate, Operation::Insert).ok().unwrap();
    assert!(b.enter(&gate, Operation::Get).is_err());
    open.close();
    a.0.lose();
    assert!(gate.forgive_lost(&REGISTRY));
    assert!(!gate.forgive_lost(&REGISTRY), "once is enough");
    let entered = b.enter(&gate, Operation::Insert).ok().expect("the insert had ended, so the table is whole");
    Thread::leave(&gate, entered);
    std::mem::forget(a);
}

/// The process forked between an owner's going back to asking, since its gate was revoked, and its learning that it had been
/// counted.
#[test]
fn a_lost_access_that_asked_again_holds_nothing() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let Some(()) = make_owner(&gate, &a) else { return assert!(!can_publish()) };
    let (open, _) = a.enter(&gate, Operation::Insert).ok().unwrap();
    assert!(b.enter(&gate, Operation::Get).is_err());
    open.set_phase(Phase::Asking);
    a.0.lose();
    assert!(gate.forgive_lost(&REGISTRY));
    assert!(!gate.forgive_lost(&REGISTRY), "once is enough");
    let entered = b.enter(&gate, Operation::Insert).ok().expect("it had not begun, so the table is whole");
    Thread::leave(&gate, entered);
    std::mem::forget(a);
}
