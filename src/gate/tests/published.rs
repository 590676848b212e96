//! Accesses that are inside by being published, and what a revocation does about them.

use super::thread::{REGISTRY, Thread, make_owner, unsigned};
use crate::access::{Access, AccessKind, Operation};
use crate::gate::published::can_publish;
use crate::gate::{Gate, Hold, Regime, Word};
use crate::ledger::Open;

#[test]
fn an_access_published_without_the_gates_number_is_not_let_in_at_once() {
    let (gate, a) = (Gate::new(), Thread::new());
    let unnumbered = a.0.open_alone(gate.known_identity(), Access::here(Operation::Get)).unwrap();
    // Meanwhile another thread's reads have given the gate its number and made it shared.
    let identity = gate.identity();
    assert!(gate.try_share(gate.load()));
    assert!(!gate.lends_at_once(0, AccessKind::Read, a.0), "whoever revokes looks for the number");
    assert!(!unnumbered.is_at(identity));
    unnumbered.close();
    let open = a.0.open_alone(identity, Access::here(Operation::Get)).unwrap();
    assert!(gate.lends_at_once(identity, AccessKind::Read, a.0));
    gate.leave_alone(open.slot(), unsigned);
}

/// What a revocation has counted is given up by the access that was counted, though its slot has another's by then.
#[test]
fn an_access_settles_for_itself_when_its_slot_is_taken_again() {
    let (gate, other, a) = (Gate::new(), Gate::new(), Thread::new());
    let open = a.open(&gate, Operation::Insert);
    assert!(gate.try_own(gate.load(), open));
    gate.revoke(&REGISTRY, gate.load());
    assert_eq!(gate.load().writer(), Some(a.0.number()));
    let closed = Open::close_alone(open.slot());
    let next = a.0.open_alone(other.identity(), Access::here(Operation::Insert)).unwrap();
    gate.settle_if_wanted(closed, unsigned);
    assert_eq!(gate.load(), Word(Word::FREE));
    next.close();
}

#[test]
fn a_ledger_without_its_badge_takes_the_long_way() {
    let (gate, shared, a) = (Gate::new(), Gate::new(), Thread::new());
    assert!(shared.try_share(shared.load()));
    let look = |gate: &Gate, kind| gate.lends_at_once(gate.identity(), kind, a.0);
    let open = a.open(&gate, Operation::Insert);
    assert!(gate.try_own(gate.load(), open));
    assert!(look(&gate, AccessKind::Write) && look(&shared, AccessKind::Read) && !look(&shared, AccessKind::Write));
    a.0.wear_badge(false);
    assert!(!look(&gate, AccessKind::Write) && !look(&shared, AccessKind::Read));
    assert_eq!(gate.try_enter_free(open, AccessKind::Write), Some(Hold::Published), "the gate is its own all the same");
    a.0.wear_badge(true);
    gate.leave_alone(open.slot(), unsigned);
}

fn make_shared(gate: &Gate, readers: [&Thread; 2]) -> Option<()> {
    for turn in 0..1_000 {
        let entered = readers[turn % 2].enter(gate, Operation::Get).ok().unwrap();
        Thread::leave(gate, entered);
    }
    (gate.regime() == Regime::SharedRead).then_some(())
}

#[test]
fn ownership_is_taken_and_taken_back() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let Some(()) = make_owner(&gate, &a) else { return assert!(!can_publish()) };
    let (open, hold) = a.enter(&gate, Operation::Remove).ok().unwrap();
    assert_eq!(hold, Hold::Published);
    let refusal = b.enter(&gate, Operation::Get).err().unwrap();
    assert_eq!(refusal.holder.unwrap().entry.access.operation, Operation::Remove);
    assert_eq!(gate.regime(), Regime::Counted);
    Thread::leave(&gate, (open, hold));
    assert!(refusal.inquiry.unwrap().answered().is_some(), "counted by the revoker, it still answers for itself");
    let entered = b.enter(&gate, Operation::Get).ok().unwrap();
    Thread::leave(&gate, entered);
    assert_eq!(gate.load(), Word(Word::FREE));
}

#[test]
fn an_owner_is_in_its_own_way() {
    let (gate, a) = (Gate::new(), Thread::new());
    let Some(()) = make_owner(&gate, &a) else { return assert!(!can_publish()) };
    let outer = a.enter(&gate, Operation::Get).ok().unwrap();
    let nested = a.enter(&gate, Operation::Len).ok().expect("reads nest");
    assert_eq!(a.enter(&gate, Operation::Insert).err().unwrap().holder.unwrap().entry.access.operation, Operation::Get);
    // The outer one leaves first; the nested one still keeps writes out.
    Thread::leave(&gate, outer);
    assert_eq!(a.enter(&gate, Operation::Insert).err().unwrap().holder.unwrap().entry.access.operation, Operation::Len);
    Thread::leave(&gate, nested);
    let writing = a.enter(&gate, Operation::Insert).ok().unwrap();
    assert!(a.enter(&gate, Operation::Get).is_err());
    Thread::leave(&gate, writing);
    assert_eq!(gate.load().owner(), Some(a.0.number()), "a thread does not take its own gate from itself");
}

#[test]
fn an_access_elsewhere_does_not_hide_one_here() {
    let (gate, other, a) = (Gate::new(), Gate::new(), Thread::new());
    let Some(()) = make_owner(&gate, &a) else { return assert!(!can_publish()) };
    // The first slot is vacated while the second is inside the gate.
    let first = a.enter(&other, Operation::Insert).ok().unwrap();
    let second = a.enter(&gate, Operation::Insert).ok().unwrap();
    Thread::leave(&other, first);
    assert!(a.enter(&gate, Operation::Get).is_err());
    Thread::leave(&gate, second);
    let entered = a.enter(&gate, Operation::Get).ok().unwrap();
    Thread::leave(&gate, entered);
}

#[test]
fn reads_are_shared_until_a_write_comes() {
    let (gate, a, b, c) = (Gate::new(), Thread::new(), Thread::new(), Thread::new());
    let Some(()) = make_shared(&gate, [&a, &b]) else { return assert!(!can_publish()) };
    let first = a.enter(&gate, Operation::Get).ok().unwrap();
    let second = b.enter(&gate, Operation::Iter).ok().unwrap();
    assert_eq!((first.1, second.1), (Hold::Published, Hold::Published));
    let refusal = c.enter(&gate, Operation::Insert).err().unwrap();
    let named = refusal.holder.unwrap();
    assert!(matches!(named.entry.access.operation, Operation::Get | Operation::Iter));
    assert_eq!(gate.load().readers(), 2);
    Thread::leave(&gate, second);
    Thread::leave(&gate, first);
    assert!(refusal.inquiry.unwrap().answered().is_some());
    let entered = c.enter(&gate, Operation::Insert).ok().unwrap();
    Thread::leave(&gate, entered);
    assert_eq!(gate.load(), Word(Word::FREE));
}

#[test]
fn a_leaked_access_of_an_owner_is_found() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let Some(()) = make_owner(&gate, &a) else { return assert!(!can_publish()) };
    let _ = a.enter(&gate, Operation::WriteGuard).ok().unwrap();
    REGISTRY.release(a.0);
    std::mem::forget(a);
    let refusal = b.enter(&gate, Operation::Get).err().unwrap();
    assert!(refusal.holder.unwrap().ledger.thread_info().has_ended());
    assert!(b.enter(&gate, Operation::Get).is_err(), "counted once and for all");
}

/// What a revoker leaves behind is told once, and the owner goes on at full speed.
#[test]
fn a_revocation_leaves_no_mark_behind() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let Some(()) = make_owner(&gate, &a) else { return assert!(!can_publish()) };
    for _ in 0..3 {
        let held = a.enter(&gate, Operation::Insert).ok().unwrap();
        assert!(b.enter(&gate, Operation::Get).is_err());
        Thread::leave(&gate, held);
        let entered = b.enter(&gate, Operation::Get).ok().unwrap();
        Thread::leave(&gate, entered);
        assert!(!a.0.is_wanted() && !b.0.is_wanted());
        make_owner(&gate, &a).unwrap();
    }
}
