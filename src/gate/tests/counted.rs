//! Accesses that the word counts, several of one thread among them.

use super::thread::Thread;
use crate::access::Operation;
use crate::gate::Gate;

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
