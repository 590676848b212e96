//! Loom models of the gate: every interleaving of two or three threads, up to a bound on preemptions.
//!
//! Run by `tests/loom/run`. What loom does not see: it treats `SeqCst` accesses as `AcqRel`, does not explore load
//! buffering, and remembers only the last access to an atomic when it looks for the steps worth reordering, so that a
//! thread's own load hides an earlier one of another thread. The last is why every scene with two roles runs with
//! either of them on the main thread. Time does not pass in a model, so waits have no deadlines.

use std::sync::Arc as StdArc;
use std::time::{Duration, Instant, SystemTime};

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use super::{Gate, Hold, Manner, Refusal, Regime, Wait, Word};
use crate::access::{Access, AccessKind, Operation, Site};
use crate::conflict::inquiry::{Answer, Inquiry};
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

    /// The ways in that the checkpoint takes, one after the other.
    fn enter(&self, open: Open, kind: AccessKind) -> Result<Hold, Refusal> {
        if open.is_alone() && self.gate.lends_at_once(self.gate.identity(), kind, open.ledger()) {
            return Ok(Hold::Published);
        }
        let entered = self.gate.try_enter(&self.registry, open, kind, Manner::Patient, unsigned);
        if entered.is_err() {
            open.close();
        }
        entered
    }

    fn leave(&self, open: Open, hold: Hold) {
        if hold == Hold::Published && !open.is_spilled() {
            self.gate.leave_alone(open.slot(), unsigned);
        } else {
            self.gate.leave(open, hold, unsigned);
        }
    }

    /// Adds one, if it is let in.
    fn try_write(&self, ledger: &'static Ledger) -> Result<(), Refusal> {
        let open = self.open(ledger, Operation::Insert);
        let hold = self.enter(open, AccessKind::Write)?;
        self.add_one();
        self.leave(open, hold);
        Ok(())
    }

    /// Looks, if it is let in.
    fn try_read(&self, ledger: &'static Ledger) -> Result<u64, Refusal> {
        let open = self.open(ledger, Operation::Get);
        let hold = self.enter(open, AccessKind::Read)?;
        let value = self.look();
        self.leave(open, hold);
        Ok(value)
    }

    /// Adds one, waiting for as long as it takes.
    fn write(&self, ledger: &'static Ledger) {
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

    fn add_one(&self) {
        // SAFETY: the model's question; loom fails the model if two threads are in here.
        self.value.with_mut(|value| unsafe { *value += 1 });
    }

    fn look(&self) -> u64 {
        // SAFETY: the model's question; loom fails the model if a writer is in its section.
        self.value.with(|value| unsafe { *value })
    }
}

fn unsigned() -> Answer {
    Answer { trace: None, left: SystemTime::UNIX_EPOCH, context: RequestContext::default() }
}

/// Runs two roles beside each other, each once on the main thread, and then `check` on what they return.
fn both_ways<A: 'static, B: 'static>(
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

#[test]
fn models_two_writers_exclude_each_other() {
    both_ways(
        Scene::new,
        |scene, me| scene.try_write(me).is_ok(),
        |scene, me| scene.try_write(me).is_ok(),
        |scene, a, b| {
            assert!(a || b, "at least one is let in");
            assert_eq!(scene.look(), u64::from(a) + u64::from(b));
            assert_eq!(scene.gate.load().calm(), Word(Word::FREE));
        },
    );
}

#[test]
fn models_a_reader_and_a_writer_exclude_each_other() {
    both_ways(
        Scene::new,
        |scene, me| scene.try_read(me),
        |scene, me| scene.try_write(me),
        |_, read, wrote| match (read, wrote) {
            (Ok(value), wrote) => assert!(value == 0 || wrote.is_ok()),
            (Err(refusal), wrote) => {
                assert!(wrote.is_ok());
                assert_eq!(refusal.regime, Regime::Counted);
            }
        },
    );
}

#[test]
fn models_two_readers_are_both_let_in() {
    both_ways(
        Scene::new,
        |scene, me| scene.try_read(me).is_ok(),
        |scene, me| scene.try_read(me).is_ok(),
        |_, a, b| assert!(a && b),
    );
}

/// An access whose answer carries its sequence, so that a stranger's answer is recognised.
fn signed_access(scene: &Scene, ledger: &'static Ledger, operation: Operation) {
    let open = scene.open(ledger, operation);
    let signed = || Answer { left: SystemTime::UNIX_EPOCH + Duration::from_secs(open.sequence()), ..unsigned() };
    let Ok(hold) = scene.gate.try_enter(&scene.registry, open, operation.kind(), Manner::Patient, signed) else {
        open.close();
        return;
    };
    // The slot may be another access's by the time the answer is asked for.
    let sequence = open.sequence();
    match operation.kind() {
        AccessKind::Write => scene.add_one(),
        AccessKind::Read => _ = scene.look(),
    }
    scene
        .gate
        .leave(open, hold, || Answer { left: SystemTime::UNIX_EPOCH + Duration::from_secs(sequence), ..unsigned() });
}

/// Whoever is refused names an access that is really inside, and that very access has answered by the time it has left.
fn assert_answered_by_the_access_named(refusal: Option<Refusal>) {
    if let Some(Refusal { holder: Some(holder), inquiry: Some(inquiry), .. }) = refusal {
        let answer = inquiry.answered().expect("the holder has left and seen the question");
        assert_eq!(answer.left, SystemTime::UNIX_EPOCH + Duration::from_secs(holder.entry.sequence));
    }
}

/// The writer comes back at once, so that the word looks the same again.
#[test]
fn models_a_writer_answers_for_its_own_access() {
    both_ways(
        Scene::new,
        |scene, me| {
            signed_access(scene, me, Operation::Insert);
            signed_access(scene, me, Operation::Remove);
        },
        |scene, me| scene.try_read(me).err(),
        |_, (), refusal| assert_answered_by_the_access_named(refusal),
    );
}

/// As above with a reader as the holder, whom the word does not name.
#[test]
fn models_a_reader_answers_for_its_own_access() {
    both_ways(
        Scene::new,
        |scene, me| {
            signed_access(scene, me, Operation::Get);
            signed_access(scene, me, Operation::Len);
        },
        |scene, me| scene.try_write(me).err(),
        |_, (), refusal| assert_answered_by_the_access_named(refusal),
    );
}

/// Two readers, of whom one may be on its way out while the other keeps the writer away: the one that is named is inside.
#[test]
fn models_a_reader_on_its_way_out_is_not_named() {
    loom::model(|| {
        let scene = Scene::new();
        // Newer ledgers are met first, so the one that leaves is met before the one that stays.
        let (third, mine, other) = (scene.ledger(), scene.ledger(), scene.ledger());
        let staying = scene.open(third, Operation::Iter);
        let Ok(hold) = scene.enter(staying, AccessKind::Read) else { unreachable!() };
        let refused = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_write(other).err()
        });
        signed_access(&scene, mine, Operation::Get);
        let refusal = refused.join().unwrap().expect("one reader stays");
        if refusal.holder.is_some_and(|holder| holder.ledger.number() == mine.number()) {
            assert_answered_by_the_access_named(Some(refusal));
        }
        scene.leave(staying, hold);
    });
}

#[test]
fn models_a_sleeper_is_woken() {
    both_ways(Scene::new, Scene::write, Scene::write, |scene, (), ()| assert_eq!(scene.look(), 2));
}

#[test]
fn models_a_sleeper_is_woken_by_the_last_reader() {
    both_ways(
        Scene::new,
        |scene, me| scene.try_read(me).is_ok(),
        Scene::write,
        |scene, _, ()| assert_eq!(scene.look(), 1),
    );
}

/// One thread is inside by the count, a second degrades the gate and takes the lock.
#[test]
fn models_degrading_keeps_the_counted_holder_apart_from_the_locked_one() {
    both_ways(
        Scene::new,
        |scene, me| {
            scene.gate.degrade(&scene.registry);
            scene.write(me);
        },
        Scene::write,
        |scene, (), ()| assert_eq!(scene.look(), 2),
    );
}

fn degraded() -> Arc<Scene> {
    let scene = Scene::new();
    scene.gate.degrade(&scene.registry);
    scene
}

/// Recovery while another thread is on its way in.
#[test]
fn models_recovering_lets_nobody_in_twice() {
    both_ways(
        degraded,
        |scene, me| {
            scene.gate.try_recover();
            scene.write(me);
        },
        Scene::write,
        |scene, (), ()| assert_eq!(scene.look(), 2),
    );
}

/// The short way through the lock beside recovery, the count, and a regime that lends to one thread.
#[test]
fn models_the_short_way_through_the_lock() {
    both_ways(
        degraded,
        |scene, me| {
            scene.gate.try_recover();
            let open = scene.open(me, Operation::Insert);
            let Ok(hold) = scene.enter(open, AccessKind::Write) else { return false };
            scene.add_one();
            scene.leave(open, hold);
            true
        },
        |scene, me| {
            let open = scene.open(me, Operation::Insert);
            let entered = scene.gate.try_enter_locked(open, AccessKind::Write, unsigned)
                || scene.gate.wait_locked(open, AccessKind::Write, Instant::now(), unsigned);
            if entered {
                scene.add_one();
                scene.leave(open, Hold::Locked);
            } else {
                open.close();
            }
            entered
        },
        |scene, one, other| assert_eq!(scene.look(), u64::from(one) + u64::from(other)),
    );
}

/// A read that finds no lock to take any more, since the gate has recovered and lends to reads, and then a writer.
#[test]
fn models_from_the_short_way_to_the_others() {
    both_ways(
        degraded,
        |scene, me| {
            scene.gate.try_recover();
            scene.gate.try_share(scene.gate.load());
            scene.try_write(me).is_ok()
        },
        |scene, me| {
            let open = scene.open(me, Operation::Get);
            let hold = if scene.gate.try_enter_locked(open, AccessKind::Read, unsigned) {
                Hold::Locked
            } else {
                let Ok(hold) = scene.enter(open, AccessKind::Read) else { return };
                hold
            };
            scene.look();
            scene.leave(open, hold);
        },
        |scene, wrote, ()| {
            assert_eq!(scene.look(), u64::from(wrote));
            assert!(scene.gate.load().is_vacant(), "nobody is left on the count");
        },
    );
}

/// The short way through the lock, published first, while the gate is taken from an owner and degraded.
#[test]
fn models_the_short_way_through_the_lock_after_a_revocation() {
    both_ways(
        owned,
        |scene, _| scene.gate.degrade(&scene.registry),
        |scene, me| {
            let open = scene.open(me, Operation::Insert);
            let entered = scene.gate.try_enter_locked(open, AccessKind::Write, unsigned);
            if entered {
                scene.add_one();
                scene.leave(open, Hold::Locked);
            } else {
                scene.gate.retract(open, Phase::Asking, unsigned);
                open.close();
            }
            entered
        },
        |scene, _, entered| {
            assert_eq!(scene.look(), u64::from(entered));
            assert!(scene.gate.load().is_vacant(), "nobody is left on the count");
        },
    );
}

/// Degraded, recovered and degraded again while another thread writes.
#[test]
fn models_a_full_circuit() {
    both_ways(
        Scene::new,
        |scene, me| {
            scene.gate.degrade(&scene.registry);
            scene.gate.try_recover();
            scene.gate.degrade(&scene.registry);
            scene.write(me);
        },
        Scene::write,
        |scene, (), ()| assert_eq!(scene.look(), 2),
    );
}

/// A read nested in a read is let in though another thread degrades the gate and waits with the lock in its hands.
fn nested_read_beside_a_degrading_writer(scene: fn() -> Arc<Scene>, outer_hold: Hold) {
    loom::model(move || {
        let scene = scene();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let outer = scene.open(mine, Operation::Iter);
        let Ok(hold) = scene.enter(outer, AccessKind::Read) else { unreachable!() };
        assert_eq!(hold, outer_hold);
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || {
                scene.gate.degrade(&scene.registry);
                scene.write(other);
            }
        });
        assert_eq!(scene.try_read(mine).ok(), Some(0));
        scene.leave(outer, hold);
        theirs.join().unwrap();
        assert_eq!(scene.look(), 1);
    });
}

#[test]
fn models_a_nested_read_does_not_wait_for_a_writer_that_waits_for_it() {
    nested_read_beside_a_degrading_writer(Scene::new, Hold::Counted);
}

#[test]
fn models_degrading_an_owned_gate() {
    nested_read_beside_a_degrading_writer(owned, Hold::Published);
}

/// A reader of another thread's slot sees the fields of one access, never of two.
#[test]
fn models_a_slot_shows_one_access_at_a_time() {
    both_ways(
        Scene::new,
        |_, me| {
            let first = me.open(1, Access::new(Operation::Get, Site::caller()));
            first.close();
            me.open(2, Access::new(Operation::Insert, Site::caller()));
        },
        |scene, _| {
            for seen in scene.registry.ledgers().flat_map(|ledger| ledger.entries()) {
                let pair = (seen.entry.gate, seen.entry.access.operation);
                assert!(pair == (1, Operation::Get) || pair == (2, Operation::Insert), "torn: {pair:?}");
            }
        },
        |_, (), ()| {},
    );
}

/// The evidence exchange alone: an answer that comes while the contender waits is not missed.
#[test]
fn models_an_answer_wakes_its_reader() {
    loom::model(|| {
        let inquiry = StdArc::new(Inquiry::new(1));
        let holder = thread::spawn({
            let inquiry = StdArc::clone(&inquiry);
            move || {
                inquiry.answer(unsigned());
            }
        });
        assert!(inquiry.wait_until(Instant::now()).is_some());
        holder.join().unwrap();
    });
}

/// A gate owned by the ledger that is claimed next.
fn owned() -> Arc<Scene> {
    let scene = Scene::new();
    // Ledgers are numbered from 1 in the order they are claimed.
    assert!(scene.gate.exchange(Word(Word::FREE), Word::owned(1)));
    scene
}

fn shared_read() -> Arc<Scene> {
    let scene = Scene::new();
    assert!(scene.gate.try_share(scene.gate.load()));
    scene
}

/// The owner comes and goes; somebody else takes the gate from it.
#[test]
fn models_revoking_keeps_the_owner_apart_from_the_revoker() {
    both_ways(
        owned,
        |scene, me| scene.try_write(me).is_ok(),
        |scene, me| scene.try_write(me).is_ok(),
        |scene, a, b| {
            assert!(a || b);
            assert_eq!(scene.look(), u64::from(a) + u64::from(b));
            assert_eq!(scene.gate.load().calm(), Word(Word::FREE), "nothing stays counted");
        },
    );
}

#[test]
fn models_revoking_loses_no_write() {
    both_ways(owned, Scene::write, Scene::write, |scene, (), ()| {
        assert_eq!(scene.look(), 2);
        assert_eq!(scene.gate.load().calm(), Word(Word::FREE), "nothing stays counted");
    });
}

/// The owner makes two accesses, so that a revocation falls into, between or after them.
#[test]
fn models_an_owner_answers_for_its_own_access() {
    both_ways(
        owned,
        |scene, me| {
            signed_access(scene, me, Operation::Insert);
            signed_access(scene, me, Operation::Remove);
        },
        |scene, me| scene.try_read(me).err(),
        |scene, (), refusal| {
            assert_answered_by_the_access_named(refusal);
            assert_eq!(scene.gate.load().calm(), Word(Word::FREE), "nothing stays counted");
        },
    );
}

#[test]
fn models_a_writer_revokes_shared_reads() {
    both_ways(
        shared_read,
        |scene, me| scene.try_read(me),
        |scene, me| scene.try_write(me),
        |scene, read, wrote| {
            match (&read, &wrote) {
                (Ok(value), wrote) => assert!(*value == 0 || wrote.is_ok()),
                (Err(_), wrote) => assert!(wrote.is_ok()),
            }
            assert_eq!(scene.look(), u64::from(wrote.is_ok()));
            assert!(scene.gate.load().is_vacant(), "nothing stays counted");
        },
    );
}

#[test]
fn models_a_writer_waits_for_shared_reads() {
    both_ways(
        shared_read,
        |scene, me| scene.try_read(me).is_ok(),
        Scene::write,
        |scene, _, ()| assert_eq!(scene.look(), 1),
    );
}

/// One reader makes reads shared while it reads, a second reads, and a writer takes it back.
#[test]
fn models_sharing_and_revoking_beside_a_counted_read() {
    both_ways(
        Scene::new,
        |scene, me| {
            let open = scene.open(me, Operation::Get);
            let Ok(hold) = scene.enter(open, AccessKind::Read) else { return };
            scene.gate.try_share(scene.gate.load());
            scene.look();
            scene.leave(open, hold);
        },
        |scene, me| scene.try_write(me).is_ok(),
        |scene, (), wrote| {
            assert_eq!(scene.look(), u64::from(wrote));
            assert!(scene.gate.load().is_vacant(), "nothing stays counted");
        },
    );
}

/// A thread becomes the owner as it enters, while another asks.
#[test]
fn models_taking_ownership_while_another_enters() {
    both_ways(
        Scene::new,
        |scene, me| {
            let open = scene.open(me, Operation::Insert);
            if scene.gate.try_own(scene.gate.load(), open) {
                scene.add_one();
                scene.leave(open, Hold::Published);
                return true;
            }
            scene.gate.leave_published(open, unsigned);
            false
        },
        |scene, me| scene.try_write(me).is_ok(),
        |scene, a, b| assert_eq!(scene.look(), u64::from(a) + u64::from(b)),
    );
}

/// Two threads revoke the same owner.
#[test]
fn models_two_revokers() {
    loom::model(|| {
        let scene = owned();
        let (owner, mine, other) = (scene.ledger(), scene.ledger(), scene.ledger());
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_write(other).is_ok()
        });
        let open = scene.open(owner, Operation::Insert);
        let entered = scene.enter(open, AccessKind::Write);
        if let Ok(hold) = entered {
            scene.add_one();
            scene.leave(open, hold);
        }
        let mine = scene.try_write(mine).is_ok();
        let theirs = theirs.join().unwrap();
        assert_eq!(scene.look(), u64::from(entered.is_ok()) + u64::from(mine) + u64::from(theirs));
        assert!(scene.gate.load().is_vacant());
    });
}

/// An owner inside a write asks for a nested write while another thread revokes.
#[test]
fn models_nested_write_at_the_door() {
    loom::model(|| {
        let scene = owned();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let outer = scene.open(mine, Operation::Insert);
        let Ok(hold) = scene.enter(outer, AccessKind::Write) else { unreachable!() };
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_write(other).err()
        });
        assert!(scene.try_write(mine).is_err());
        let refusal = theirs.join().unwrap().expect("the outer write stays");
        if let Some(holder) = refusal.holder {
            assert_eq!(holder.ledger.number(), 1, "the owner, not the asker");
        }
        scene.leave(outer, hold);
        assert!(scene.gate.load().is_vacant());
    });
}

/// An owner inside a read asks for a nested write; a third read beside the first must not be refused.
#[test]
fn models_read_again_beside_nested_write() {
    loom::model(|| {
        let scene = owned();
        let (mine, other) = (scene.ledger(), scene.ledger());
        let outer = scene.open(mine, Operation::Iter);
        let Ok(hold) = scene.enter(outer, AccessKind::Read) else { unreachable!() };
        let theirs = thread::spawn({
            let scene = Arc::clone(&scene);
            move || {
                let open = scene.open(other, Operation::Get);
                match scene.gate.try_enter(&scene.registry, open, AccessKind::Read, Manner::BesideRead, unsigned) {
                    Ok(hold) => {
                        scene.leave(open, hold);
                        true
                    }
                    Err(_) => {
                        open.close();
                        false
                    }
                }
            }
        });
        assert!(scene.try_write(mine).is_err());
        assert!(theirs.join().unwrap(), "a read beside a read is never refused");
        scene.leave(outer, hold);
    });
}

/// The reader's ledger is added while a writer revokes.
#[test]
fn models_a_ledger_added_meanwhile() {
    loom::model(|| {
        let scene = shared_read();
        let mine = scene.ledger();
        let reader = thread::spawn({
            let scene = Arc::clone(&scene);
            move || {
                let me = scene.ledger();
                scene.try_read(me).is_ok()
            }
        });
        let wrote = scene.try_write(mine).is_ok();
        let read = reader.join().unwrap();
        assert!(read || wrote);
        assert!(scene.gate.load().is_vacant());
    });
}

/// As above, on the other thread.
#[test]
fn models_a_ledger_added_meanwhile_swapped() {
    loom::model(|| {
        let scene = shared_read();
        let mine = scene.ledger();
        let writer = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_write(mine).is_ok()
        });
        let me = scene.ledger();
        let read = scene.try_read(me).is_ok();
        let wrote = writer.join().unwrap();
        assert!(read || wrote);
        assert!(scene.gate.load().is_vacant());
    });
}

/// The reader's ledger is a free one that is taken again.
#[test]
fn models_a_ledger_taken_again_meanwhile() {
    loom::model(|| {
        let scene = shared_read();
        let (mine, free) = (scene.ledger(), scene.ledger());
        scene.registry.release(free);
        let writer = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_write(mine).is_ok()
        });
        let me = scene.ledger();
        let read = scene.try_read(me).is_ok();
        scene.registry.release(me);
        let wrote = writer.join().unwrap();
        assert!(read || wrote);
        assert!(scene.gate.load().is_vacant());
    });
}

/// A read on its way in by the count while reads become shared and a writer takes it back.
#[test]
fn models_counted_entry_beside_share_and_revoke() {
    both_ways(
        Scene::new,
        |scene, me| scene.try_read(me).is_ok(),
        |scene, me| {
            scene.gate.try_share(scene.gate.load());
            scene.try_write(me).is_ok()
        },
        |scene, read, wrote| {
            assert!(read || wrote);
            assert!(scene.gate.load().is_vacant(), "nothing stays counted");
        },
    );
}

/// The owner's thread has ended with a guard open, closes it late, and its ledger is taken again.
#[test]
fn models_a_late_guard_and_the_next_tenant() {
    loom::model(|| {
        let scene = owned();
        let late = scene.ledger();
        let open = scene.open(late, Operation::Insert);
        let Ok(hold) = scene.enter(open, AccessKind::Write) else { unreachable!() };
        scene.registry.release(late);
        scene.gate.revoke(&scene.registry, scene.gate.load());
        let next = thread::spawn({
            let scene = Arc::clone(&scene);
            move || {
                let me = scene.ledger();
                let open = scene.open(me, Operation::Insert);
                match scene.gate.try_enter(&scene.registry, open, AccessKind::Write, Manner::Patient, unsigned) {
                    Ok(hold) => scene.leave(open, hold),
                    Err(refusal) => {
                        if let Some(holder) = refusal.holder {
                            assert!(!std::ptr::eq(holder.ledger, me), "nobody is in its own way here");
                        }
                        open.close();
                    }
                }
            }
        });
        scene.leave(open, hold);
        next.join().unwrap();
        assert!(
            scene.gate.load().is_vacant(),
            "whoever has the ledger now, the late access takes itself off the count"
        );
    });
}

/// A read that is let in on the slow way, since its thread is busy elsewhere, and a writer.
#[test]
fn models_busy_elsewhere() {
    both_ways(
        shared_read,
        |scene, me| {
            let elsewhere = me.open(u64::MAX, Access::new(Operation::Iter, Site::caller()));
            let read = scene.try_read(me).is_ok();
            elsewhere.close();
            read
        },
        |scene, me| scene.try_write(me).is_ok(),
        |scene, read, wrote| {
            assert!(read || wrote);
            assert!(scene.gate.load().is_vacant());
        },
    );
}

/// The thread has ended with a shared read open, which another closes late.
#[test]
fn models_an_ended_reader_keeps_writers_out() {
    loom::model(|| {
        let scene = shared_read();
        let (ended, mine) = (scene.ledger(), scene.ledger());
        let open = scene.open(ended, Operation::Iter);
        let Ok(hold) = scene.enter(open, AccessKind::Read) else { unreachable!() };
        scene.registry.release(ended);
        let writer = thread::spawn({
            let scene = Arc::clone(&scene);
            move || scene.try_write(mine).is_ok()
        });
        let wrote = writer.join().unwrap();
        assert!(!wrote, "the read is still open");
        scene.leave(open, hold);
        assert!(scene.gate.load().is_vacant());
    });
}
