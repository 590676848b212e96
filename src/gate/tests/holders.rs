//! Whether anybody is inside, in each regime.

use super::thread::{REGISTRY, Thread, unsigned};
use crate::access::{AccessKind, Operation};
use crate::gate::{Gate, Manner};

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
fn a_gate_with_somebody_at_its_lock_is_not_deserted() {
    let (gate, a, b) = (Gate::new(), Thread::new(), Thread::new());
    gate.degrade(&REGISTRY);
    let held = a.enter(&gate, Operation::Get).ok().unwrap();
    assert!(gate.load().is_vacant(), "the ledger alone shows the access");
    assert!(!gate.is_deserted(&REGISTRY, b.0.number()));
    assert!(gate.is_deserted(&REGISTRY, a.0.number()), "a thread's own accesses do not count");
    Thread::leave(&gate, held);
    assert!(gate.is_deserted(&REGISTRY, b.0.number()));
}
