//! What the models have in common: a gate over a number, what a thread does with it, and two roles beside each other.

use std::time::{Instant, SystemTime};

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use crate::access::{Access, AccessKind, Operation, Site};
use crate::conflict::inquiry::Answer;
use crate::context::RequestContext;
use crate::gate::{Gate, Hold, Manner, Refusal, Wait, Word};
use crate::ledger::{Ledger, Open, Phase, Registry};

/// A gate over one number, and the ledgers of the model's threads.
pub(super) struct Scene {
    pub(super) gate: Gate,
    pub(super) registry: Registry,
    value: UnsafeCell<u64>,
}

impl Scene {
    pub(super) fn new() -> Arc<Self> {
        let scene = Self { gate: Gate::new(), registry: Registry::new(), value: UnsafeCell::new(0) };
        scene.gate.identity();
        Arc::new(scene)
    }

    pub(super) fn ledger(&self) -> &'static Ledger {
        self.registry.claim(0, None)
    }

    pub(super) fn open(&self, ledger: &'static Ledger, operation: Operation) -> Open {
        ledger.open(self.gate.identity(), Access::new(operation, Site::caller()))
    }

    /// The ways in that the checkpoint takes, one after the other.
    pub(super) fn enter(&self, open: Open, kind: AccessKind) -> Result<Hold, Refusal> {
        if open.is_alone() && self.gate.lends_at_once(self.gate.identity(), kind, open.ledger()) {
            return Ok(Hold::Published);
        }
        let entered = self.gate.try_enter(&self.registry, open, kind, Manner::Patient, unsigned);
        if entered.is_err() {
            open.close();
        }
        entered
    }

    pub(super) fn leave(&self, open: Open, hold: Hold) {
        if hold == Hold::Published && !open.is_spilled() {
            self.gate.leave_alone(open.slot(), unsigned);
        } else {
            self.gate.leave(open, hold, unsigned);
        }
    }

    /// Adds one, if it is let in.
    pub(super) fn try_write(&self, ledger: &'static Ledger) -> Result<(), Refusal> {
        let open = self.open(ledger, Operation::Insert);
        let hold = self.enter(open, AccessKind::Write)?;
        self.add_one();
        self.leave(open, hold);
        Ok(())
    }

    /// Looks, if it is let in.
    pub(super) fn try_read(&self, ledger: &'static Ledger) -> Result<u64, Refusal> {
        let open = self.open(ledger, Operation::Get);
        let hold = self.enter(open, AccessKind::Read)?;
        let value = self.look();
        self.leave(open, hold);
        Ok(value)
    }

    /// Adds one, waiting for as long as it takes.
    pub(super) fn write(&self, ledger: &'static Ledger) {
        let open = self.open(ledger, Operation::Insert);
        let entered = self.gate.try_enter(&self.registry, open, AccessKind::Write, Manner::Patient, unsigned);
        let hold = entered.unwrap_or_else(|_| self.wait(open));
        self.add_one();
        self.leave(open, hold);
    }

    fn wait(&self, open: Open) -> Hold {
        open.set_phase(Phase::Waiting);
        loop {
            match self.gate.wait(&self.registry, open, AccessKind::Write, Manner::Patient, Instant::now(), unsigned) {
                Wait::Admitted(hold) => return hold,
                Wait::Revoked => {}
                Wait::TimedOut => unreachable!("time does not pass in a model"),
            }
        }
    }

    pub(super) fn add_one(&self) {
        // SAFETY: the model's question; loom fails the model if two threads are in here.
        self.value.with_mut(|value| unsafe { *value += 1 });
    }

    pub(super) fn look(&self) -> u64 {
        // SAFETY: the model's question; loom fails the model if a writer is in its section.
        self.value.with(|value| unsafe { *value })
    }
}

/// A gate owned by the ledger that is claimed next.
pub(super) fn owned() -> Arc<Scene> {
    let scene = Scene::new();
    // Ledgers are numbered from 1 in the order they are claimed.
    assert!(scene.gate.exchange(Word(Word::FREE), Word::owned(1)));
    scene
}

pub(super) fn shared_read() -> Arc<Scene> {
    let scene = Scene::new();
    assert!(scene.gate.try_share(scene.gate.load()));
    scene
}

pub(super) fn degraded() -> Arc<Scene> {
    let scene = Scene::new();
    scene.gate.degrade(&scene.registry);
    scene
}

pub(super) fn unsigned() -> Answer {
    Answer { trace: None, left: SystemTime::UNIX_EPOCH, context: RequestContext::default() }
}

/// Runs two roles beside each other, each once on the main thread, and then `check` on what they return.
pub(super) fn both_ways<A: 'static, B: 'static>(
    scene: fn() -> Arc<Scene>,
    a: fn(&Scene, &'static Ledger) -> A,
    b: fn(&Scene, &'static Ledger) -> B,
    check: fn(&Scene, A, B),
) {
    loom::model(move || {
        let scene = scene();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let role = thread::spawn({
            let scene = Arc::clone(&scene);
            move || b(&scene, other)
        });
        let a = a(&scene, mine);
        check(&scene, a, role.join().unwrap());
    });
    loom::model(move || {
        let scene = scene();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let role = thread::spawn({
            let scene = Arc::clone(&scene);
            move || a(&scene, other)
        });
        let b = b(&scene, mine);
        check(&scene, role.join().unwrap(), b);
    });
}
