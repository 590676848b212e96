//! Who is named in a refusal, and who answers it.

use super::thread::Thread;
use crate::access::Operation;
use crate::gate::{Gate, Word};

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
