//! Loom models of the gate: every interleaving of two or three threads, up to a bound on preemptions.
//!
//! Run by `tests/loom/run`. What loom does not see: it treats `SeqCst` accesses as `AcqRel`, and does not explore load
//! buffering. Time does not pass in a model, so waits have no deadlines.

use std::sync::Arc as StdArc;
use std::time::{Instant, SystemTime};

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use super::{Gate, Hold, Refusal, Regime, Wait};
use crate::access::{Access, AccessKind, Operation, Site};
use crate::conflict::inquiry::Answer;
use crate::context::RequestContext;
use crate::ledger::{Ledger, Open, Phase, Registry};

/// A gate over one number, and the ledgers of the model's threads.
struct Scene {
    gate: Gate,
    registry: Registry,
    value: UnsafeCell<u64>,
}

impl Scene {
    fn new() -> Arc<Self> {
        let scene = Self { gate: Gate::new(), registry: Registry::new(), value: UnsafeCell::new(0) };
        scene.gate.identity();
        Arc::new(scene)
    }

    fn ledger(&self) -> &'static Ledger {
        self.registry.claim(0, None)
    }

    fn open(&self, ledger: &'static Ledger, operation: Operation) -> Open {
        ledger.open(self.gate.identity(), Access::new(operation, Site::caller()))
    }

    fn leave(&self, open: Open, hold: Hold, kind: AccessKind) {
        self.gate.leave(open, hold, kind, || Answer {
            trace: None,
            left: SystemTime::UNIX_EPOCH,
            context: RequestContext::default(),
        });
    }

    /// Adds one, if it is let in.
    fn try_write(&self, ledger: &'static Ledger) -> Result<(), Refusal> {
        let open = self.open(ledger, Operation::Insert);
        let entered = self.gate.try_enter(&self.registry, open, AccessKind::Write);
        match entered {
            Ok(hold) => {
                self.add_one();
                self.leave(open, hold, AccessKind::Write);
                Ok(())
            }
            Err(refusal) => {
                open.close();
                Err(refusal)
            }
        }
    }

    /// Looks, if it is let in.
    fn try_read(&self, ledger: &'static Ledger) -> Result<u64, Refusal> {
        let open = self.open(ledger, Operation::Get);
        match self.gate.try_enter(&self.registry, open, AccessKind::Read) {
            Ok(hold) => {
                let value = self.look();
                self.leave(open, hold, AccessKind::Read);
                Ok(value)
            }
            Err(refusal) => {
                open.close();
                Err(refusal)
            }
        }
    }

    /// Adds one, waiting for as long as it takes.
    fn write(&self, ledger: &'static Ledger) {
        let open = self.open(ledger, Operation::Insert);
        let hold = self.gate.try_enter(&self.registry, open, AccessKind::Write).unwrap_or_else(|_| self.wait(open));
        self.add_one();
        self.leave(open, hold, AccessKind::Write);
    }

    fn wait(&self, open: Open) -> Hold {
        open.set_phase(Phase::Waiting);
        match self.gate.wait(open, AccessKind::Write, Instant::now()) {
            Wait::Admitted(hold) => hold,
            Wait::TimedOut => unreachable!("time does not pass in a model"),
        }
    }

    fn add_one(&self) {
        // SAFETY: the model's question; loom fails the model if two threads are in here.
        self.value.with_mut(|value| unsafe { *value += 1 });
    }

    fn look(&self) -> u64 {
        // SAFETY: the model's question; loom fails the model if a writer is in its section.
        self.value.with(|value| unsafe { *value })
    }
}

#[test]
fn models_two_writers_exclude_each_other() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_write(other).is_ok()
        });
        let mine = scene.try_write(mine).is_ok();
        let theirs = theirs.join().unwrap();
        assert!(mine || theirs, "at least one is let in");
        assert_eq!(scene.look(), u64::from(mine) + u64::from(theirs));
        assert_eq!(scene.gate.load(), super::Word(super::Word::FREE), "an uncontended gate is free again");
    });
}

#[test]
fn models_a_reader_and_a_writer_exclude_each_other() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_write(other).is_ok()
        });
        let seen = scene.try_read(mine);
        let wrote = theirs.join().unwrap();
        match seen {
            Ok(value) => assert!(value == 0 || wrote),
            Err(refusal) => {
                assert!(wrote);
                assert_eq!(refusal.regime, Regime::Counted);
            }
        }
    });
}

#[test]
fn models_two_readers_are_both_let_in() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_read(other).is_ok()
        });
        assert!(scene.try_read(mine).is_ok());
        assert!(theirs.join().unwrap());
    });
}

/// Whoever is refused names an access that is really inside, and its question is answered by that very access.
#[test]
fn models_the_holder_answers_the_question_about_its_own_access() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let holder = thread::spawn({
            let scene = Arc::clone(&scene);
            move || {
                // Two accesses in a row: an answer about the wrong one would be a stranger's stack.
                for operation in [Operation::Insert, Operation::Remove] {
                    let open = scene.open(other, operation);
                    let Ok(hold) = scene.gate.try_enter(&scene.registry, open, AccessKind::Write) else {
                        open.close();
                        continue;
                    };
                    scene.add_one();
                    scene.gate.leave(open, hold, AccessKind::Write, || Answer {
                        trace: None,
                        left: SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(open.sequence),
                        context: RequestContext::default(),
                    });
                }
            }
        });
        let refused = scene.try_read(mine).err();
        holder.join().unwrap();
        if let Some(refusal) = refused {
            let (holder, inquiry) = (refusal.holder.unwrap(), refusal.inquiry.unwrap());
            let answer = inquiry.answered().expect("the holder has left and seen the question");
            assert_eq!(holder.ledger.number(), other.number());
            assert_eq!(
                answer.left,
                SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(holder.entry.sequence),
                "the access named is the one that answers"
            );
        }
    });
}

/// As above with a reader as the holder, whom the word does not name.
#[test]
fn models_a_reader_answers_too() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let holder = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_read(other).is_ok()
        });
        let refused = scene.try_write(mine).err();
        holder.join().unwrap();
        if let Some(Refusal { holder: Some(holder), inquiry: Some(inquiry), .. }) = refused {
            assert_eq!(holder.ledger.number(), other.number());
            assert!(inquiry.answered().is_some());
        }
    });
}

#[test]
fn models_a_sleeper_is_woken() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.write(other)
        });
        scene.write(mine);
        theirs.join().unwrap();
        assert_eq!(scene.look(), 2);
    });
}

#[test]
fn models_a_sleeper_is_woken_by_the_last_reader() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_read(other).is_ok()
        });
        scene.write(mine);
        theirs.join().unwrap();
        assert_eq!(scene.look(), 1);
    });
}

/// One thread is inside by the count, a second degrades the gate and takes the lock.
#[test]
fn models_degrading_keeps_the_counted_holder_apart_from_the_locked_one() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || {
                scene.gate.degrade();
                scene.write(other);
            }
        });
        scene.write(mine);
        theirs.join().unwrap();
        assert_eq!(scene.look(), 2);
    });
}

/// Recovery while another thread is on its way in.
#[test]
fn models_recovering_lets_nobody_in_twice() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        scene.gate.degrade();
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.write(other)
        });
        scene.gate.try_recover();
        scene.write(mine);
        theirs.join().unwrap();
        assert_eq!(scene.look(), 2);
    });
}

/// Degraded, recovered and degraded again while another thread writes.
#[test]
fn models_a_full_circuit() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.write(other)
        });
        scene.gate.degrade();
        scene.gate.try_recover();
        scene.gate.degrade();
        scene.write(mine);
        theirs.join().unwrap();
        assert_eq!(scene.look(), 2);
    });
}

/// A read nested in a read is let in though a writer waits with the lock in its hands.
#[test]
fn models_a_nested_read_does_not_wait_for_a_writer_that_waits_for_it() {
    loom::model(|| {
        let scene = Scene::new();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let outer = scene.open(mine, Operation::Iter);
        let Ok(hold) = scene.gate.try_enter(&scene.registry, outer, AccessKind::Read) else { unreachable!() };
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || {
                scene.gate.degrade();
                scene.write(other);
            }
        });
        assert_eq!(scene.try_read(mine).ok(), Some(0));
        scene.leave(outer, hold, AccessKind::Read);
        theirs.join().unwrap();
        assert_eq!(scene.look(), 1);
    });
}

/// A reader of another thread's slot sees the fields of one access, never of two.
#[test]
fn models_a_slot_shows_one_access_at_a_time() {
    loom::model(|| {
        let scene = Scene::new();
        let ledger = scene.ledger();
        let writer = thread::spawn(move || {
            let first = ledger.open(1, Access::new(Operation::Get, Site::caller()));
            first.close();
            let second = ledger.open(2, Access::new(Operation::Insert, Site::caller()));
            second.set_phase(Phase::Counted);
        });
        for seen in ledger.entries() {
            let pair = (seen.entry.gate, seen.entry.access.operation);
            assert!(pair == (1, Operation::Get) || pair == (2, Operation::Insert), "torn: {pair:?}");
        }
        writer.join().unwrap();
    });
}

/// The evidence exchange alone: an answer that comes while the contender waits is not missed.
#[test]
fn models_an_answer_wakes_its_reader() {
    use crate::conflict::inquiry::Inquiry;

    loom::model(|| {
        let inquiry = StdArc::new(Inquiry::new(1));
        let answered = Arc::new(AtomicBool::new(false));
        let holder = thread::spawn({
            let (inquiry, answered) = (StdArc::clone(&inquiry), Arc::clone(&answered));
            move || {
                answered.store(true, Ordering::Relaxed);
                inquiry.answer(Answer {
                    trace: None,
                    left: SystemTime::UNIX_EPOCH,
                    context: RequestContext::default(),
                });
            }
        });
        assert!(inquiry.wait_until(Instant::now()).is_some());
        assert!(answered.load(Ordering::Relaxed));
        holder.join().unwrap();
    });
}
