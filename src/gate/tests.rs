//! The gate on real primitives: what the models cannot reach for lack of time, memory or a clock.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::{Gate, Hold, Manner, Refusal, Regime, Wait, Word};
use crate::access::{Access, AccessKind, Operation};
use crate::conflict::inquiry::Answer;
use crate::context::RequestContext;
use crate::ledger::{Open, Phase, Registry};

static REGISTRY: Registry = Registry::new();

/// A thread's view of a gate: one ledger, taken for the test.
struct Thread(&'static crate::ledger::Ledger);

impl Thread {
    fn new() -> Self {
        Self(REGISTRY.claim(0, None))
    }

    fn open(&self, gate: &Gate, operation: Operation) -> Open {
        self.0.open(gate.identity(), Access::here(operation))
    }

    fn enter(&self, gate: &Gate, operation: Operation) -> Result<(Open, Hold), Refusal> {
        let open = self.open(gate, operation);
        match gate.try_enter(&REGISTRY, open, operation.kind(), Manner::Patient, unsigned) {
            Ok(hold) => Ok((open, hold)),
            Err(refusal) => {
                open.close();
                Err(refusal)
            }
        }
    }

    fn leave(gate: &Gate, (open, hold): (Open, Hold)) {
        gate.leave(open, hold, unsigned);
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        REGISTRY.release(self.0);
    }
}

fn unsigned() -> Answer {
    Answer { trace: None, left: std::time::SystemTime::UNIX_EPOCH, context: RequestContext::default() }
}

#[test]
fn a_refusal_names_the_operation_inside() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    for (inside, outside) in [
        (Operation::Insert, Operation::Get),
        (Operation::Insert, Operation::Remove),
        (Operation::Iter, Operation::Clear),
    ] {
        let held = a.enter(&gate, inside).ok().unwrap();
        let refusal = b.enter(&gate, outside).err().unwrap();
        let holder = refusal.holder.unwrap();
        assert_eq!(holder.entry.access.operation, inside);
        assert_eq!(holder.ledger.number(), a.0.number());
        Thread::leave(&gate, held);
        assert!(refusal.inquiry.unwrap().answered().is_some());
        let entered = b.enter(&gate, outside).ok().unwrap();
        Thread::leave(&gate, entered);
        assert_eq!(gate.load(), Word(Word::FREE));
    }
}

#[test]
fn each_access_answers_for_itself() {
    let (first, second) = (Gate::new(), Gate::new());
    let (a, b) = (Thread::new(), Thread::new());
    let in_first = a.enter(&first, Operation::Insert).ok().unwrap();
    let in_second = a.enter(&second, Operation::Insert).ok().unwrap();
    let [to_first, to_second] =
        [&first, &second].map(|gate| b.enter(gate, Operation::Get).err().unwrap().inquiry.unwrap());
    Thread::leave(&second, in_second);
    assert!(to_second.answered().is_some());
    assert!(to_first.answered().is_none());
    Thread::leave(&first, in_first);
    assert!(to_first.answered().is_some());
}

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
fn a_gate_is_deserted_once_everybody_else_is_gone() {
    for take in [Gate::try_own, |gate: &Gate, word, _| gate.try_share(word), |_: &Gate, _, _| true] {
        let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
        let open = a.open(&gate, Operation::Get);
        assert!(take(&gate, gate.load(), open));
        let hold = gate.try_enter(&REGISTRY, open, AccessKind::Read, Manner::Patient, unsigned).ok().unwrap();
        assert!(!gate.is_deserted(&REGISTRY, b.0.number()));
        Thread::leave(&gate, (open, hold));
        assert!(gate.is_deserted(&REGISTRY, b.0.number()));
    }
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

#[test]
fn nobody_asks_nobody_answers() {
    let (gate, a) = (Gate::new(), Thread::new());
    let (open, hold) = a.enter(&gate, Operation::Insert).ok().unwrap();
    gate.leave(open, hold, || panic!("evidence is made for nobody"));
}

#[test]
fn a_question_that_was_withdrawn_costs_the_holder_nothing() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let (open, hold) = a.enter(&gate, Operation::Insert).ok().unwrap();
    b.enter(&gate, Operation::Get).err().unwrap().inquiry.unwrap().withdraw();
    gate.leave(open, hold, || panic!("evidence is made for nobody"));
}

#[test]
fn guards_of_one_thread_leave_in_any_order() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let held: Vec<_> = (0..40).map(|_| a.enter(&gate, Operation::Get).ok().unwrap()).collect();
    assert_eq!(gate.load().readers(), 40);
    for (place, held) in held.into_iter().enumerate().filter(|(place, _)| place % 2 == 0).chain([]) {
        let _ = place;
        Thread::leave(&gate, held);
    }
    assert!(b.enter(&gate, Operation::Insert).is_err(), "twenty reads are still inside");
}

#[test]
fn a_write_beside_the_threads_own_read_is_refused_by_that_read() {
    let (gate, a) = (Gate::new(), Thread::new());
    let held = a.enter(&gate, Operation::Get).ok().unwrap();
    let refusal = a.enter(&gate, Operation::Insert).err().unwrap();
    assert_eq!(refusal.holder.unwrap().entry.access.operation, Operation::Get);
    assert!(refusal.inquiry.is_none(), "there is nobody to ask");
    Thread::leave(&gate, held);
}

#[test]
fn a_moved_or_reused_place_is_not_mistaken_for_the_gate_that_was_there() {
    let (a, b) = (Thread::new(), Thread::new());
    let mut place = Box::new(Gate::new());
    // Leaked: the access stays in the ledger though its gate goes.
    let _ = a.enter(&place, Operation::Insert).ok().unwrap();
    let moved = std::mem::replace(&mut *place, Gate::new());
    assert!(b.enter(&moved, Operation::Get).is_err(), "the moved gate is still held");
    let entered = b.enter(&place, Operation::Insert).ok().expect("the new gate in the old place is free");
    Thread::leave(&place, entered);
    std::mem::forget(a);
}

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

#[test]
fn a_wait_ends_at_its_deadline() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    for degraded in [false, true] {
        if degraded {
            gate.degrade(&REGISTRY);
        }
        let held = a.enter(&gate, Operation::Insert).ok().unwrap();
        let open = b.open(&gate, Operation::Get);
        let deadline = Instant::now() + Duration::from_millis(5);
        assert_eq!(gate.wait(&REGISTRY, open, AccessKind::Read, Manner::Patient, deadline, unsigned), Wait::TimedOut);
        assert!(Instant::now() >= deadline);
        open.close();
        Thread::leave(&gate, held);
    }
}

#[test]
fn a_reader_steps_back_for_a_writer_that_waits_but_is_not_shut_out() {
    let (gate, a, b, c) = (Gate::new(), Thread::new(), Thread::new(), Thread::new());
    let held = a.enter(&gate, Operation::Get).ok().unwrap();
    let open = b.open(&gate, Operation::Insert);
    let far = Instant::now() + Duration::from_secs(60);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| gate.wait(&REGISTRY, open, AccessKind::Write, Manner::Patient, far, unsigned));
        while !gate.load().is_urgent() {
            thread::yield_now();
        }
        let late = c.enter(&gate, Operation::Get).ok().expect("a moment later the reader is let in");
        Thread::leave(&gate, late);
        Thread::leave(&gate, held);
        assert_eq!(waiting.join().unwrap(), Wait::Admitted(Hold::Counted));
    });
    Thread::leave(&gate, (open, Hold::Counted));
    assert_eq!(gate.load(), Word(Word::FREE), "the last one out clears the flags");
}

#[test]
fn a_writer_that_gives_up_hurries_nobody() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let held = a.enter(&gate, Operation::Get).ok().unwrap();
    let open = b.open(&gate, Operation::Insert);
    let soon = Instant::now() + Duration::from_millis(2);
    assert_eq!(gate.wait(&REGISTRY, open, AccessKind::Write, Manner::Patient, soon, unsigned), Wait::TimedOut);
    open.close();
    assert!(!gate.load().is_urgent());
    Thread::leave(&gate, held);
}

#[test]
fn ledgers_are_used_again() {
    let registry = Registry::new();
    for _ in 0..10_000 {
        let ledger = registry.claim(1, None);
        let open = ledger.open(1, Access::here(Operation::Get));
        open.close();
        registry.release(ledger);
    }
    assert_eq!(registry.len(), 1);
}

#[test]
fn a_ledger_with_an_open_access_is_used_again_when_that_has_closed() {
    let registry = Registry::new();
    let ledger = registry.claim(1, Some("first".into()));
    let open = ledger.open(1, Access::here(Operation::Get));
    registry.release(ledger);
    assert!(ledger.thread_info().has_ended());
    let other = registry.claim(2, None);
    assert!(!std::ptr::eq(ledger, other));
    open.close();
    let again = registry.claim(3, Some("third".into()));
    assert!(std::ptr::eq(ledger, again));
    assert_eq!(again.thread_info().name(), Some("third"));
    assert!(!again.is_of_current_owner(open.sequence()));
}

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

/// Threads that enter, wait, degrade and recover as they like: a count that only a real write section keeps.
#[test]
fn a_storm_keeps_the_count() {
    struct Shared {
        gate: Gate,
        value: std::cell::UnsafeCell<[u64; 4]>,
    }
    // SAFETY: the value is touched under the gate only; that this suffices is what the test asks.
    unsafe impl Sync for Shared {}

    const THREADS: u64 = 4;
    const ROUNDS: u64 = if cfg!(miri) { 20 } else { 3_000 };
    let shared = Shared { gate: Gate::new(), value: std::cell::UnsafeCell::new([0; 4]) };
    let start = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for seed in 0..THREADS {
            let (shared, start) = (&shared, &start);
            scope.spawn(move || {
                let me = Thread::new();
                start.wait();
                for round in 0..ROUNDS {
                    let dice = (round * 7 + seed * 13) % 11;
                    let operation = if dice < 6 { Operation::Insert } else { Operation::Get };
                    let open = me.open(&shared.gate, operation);
                    let hold = match shared.gate.try_enter(&REGISTRY, open, operation.kind(), Manner::Patient, unsigned)
                    {
                        Ok(hold) => hold,
                        Err(_) => {
                            open.set_phase(Phase::Waiting);
                            loop {
                                let deadline = Instant::now() + Duration::from_secs(60);
                                if let Wait::Admitted(hold) = shared.gate.wait(
                                    &REGISTRY,
                                    open,
                                    operation.kind(),
                                    Manner::Patient,
                                    deadline,
                                    unsigned,
                                ) {
                                    break hold;
                                }
                            }
                        }
                    };
                    if operation == Operation::Insert {
                        // SAFETY: inside as a writer.
                        let value = unsafe { &mut *shared.value.get() };
                        value.iter_mut().for_each(|part| *part += 1);
                    } else {
                        // SAFETY: inside as a reader.
                        let value = unsafe { &*shared.value.get() };
                        assert!(value.iter().all(|part| *part == value[0]), "a torn read");
                    }
                    Thread::leave(&shared.gate, (open, hold));
                    match dice {
                        0 => _ = shared.gate.degrade(&REGISTRY),
                        10 => _ = shared.gate.try_recover(),
                        _ => {}
                    }
                }
            });
        }
    });
    let writes = (0..THREADS).flat_map(|seed| (0..ROUNDS).map(move |round| (round * 7 + seed * 13) % 11));
    let writes = writes.filter(|dice| *dice < 6).count() as u64;
    assert_eq!(shared.value.into_inner(), [writes; 4]);
    while !shared.gate.try_recover() && shared.gate.regime() == Regime::Degraded {}
    assert_eq!(shared.gate.load().calm(), Word(Word::FREE));
}

/// Accesses of one thread, one after the other, until the gate is owned by it. `None` where there is no heavy fence.
fn make_owner(gate: &Gate, owner: &Thread) -> Option<()> {
    // The longest streak a gate asks for is shorter.
    for _ in 0..100_000 {
        if gate.load().owner() == Some(owner.0.number()) {
            return Some(());
        }
        let entered = owner.enter(gate, Operation::Insert).ok().unwrap();
        Thread::leave(gate, entered);
    }
    None
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
    let Some(()) = make_owner(&gate, &a) else { return assert!(!super::can_publish()) };
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
    let Some(()) = make_owner(&gate, &a) else { return assert!(!super::can_publish()) };
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
    let Some(()) = make_owner(&gate, &a) else { return assert!(!super::can_publish()) };
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
    let Some(()) = make_shared(&gate, [&a, &b]) else { return assert!(!super::can_publish()) };
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
    let Some(()) = make_owner(&gate, &a) else { return assert!(!super::can_publish()) };
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
    let Some(()) = make_owner(&gate, &a) else { return assert!(!super::can_publish()) };
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

/// The process forked between an owner's leaving its slot and its learning that it had been counted.
#[test]
fn a_lost_access_that_was_counted_and_not_told_is_forgiven() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    let Some(()) = make_owner(&gate, &a) else { return assert!(!super::can_publish()) };
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
