//! A thread as the gate knows it: the ledger with which it enters and leaves, and may become the gate's owner.

use std::time::SystemTime;

use crate::access::{Access, Operation};
use crate::conflict::inquiry::Answer;
use crate::context::RequestContext;
use crate::gate::{Gate, Hold, Manner, Refusal};
use crate::ledger::{Ledger, Open, Registry};

pub(super) static REGISTRY: Registry = Registry::new();

/// A thread's view of a gate: one ledger, taken for the test.
pub(super) struct Thread(pub(super) &'static Ledger);

impl Thread {
    pub(super) fn new() -> Self {
        Self(REGISTRY.claim(0, None))
    }

    pub(super) fn open(&self, gate: &Gate, operation: Operation) -> Open {
        self.0.open(gate.identity(), Access::here(operation))
    }

    pub(super) fn enter(&self, gate: &Gate, operation: Operation) -> Result<(Open, Hold), Refusal> {
        let open = self.open(gate, operation);
        match gate.try_enter(&REGISTRY, open, operation.kind(), Manner::Patient, unsigned) {
            Ok(hold) => Ok((open, hold)),
            Err(refusal) => {
                open.close();
                Err(refusal)
            }
        }
    }

    pub(super) fn leave(gate: &Gate, (open, hold): (Open, Hold)) {
        gate.leave(open, hold, unsigned);
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        REGISTRY.release(self.0);
    }
}

pub(super) fn unsigned() -> Answer {
    Answer { trace: None, left: SystemTime::UNIX_EPOCH, context: RequestContext::default() }
}

/// Accesses of one thread, one after the other, until the gate is owned by it. `None` where there is no heavy fence.
pub(super) fn make_owner(gate: &Gate, owner: &Thread) -> Option<()> {
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
