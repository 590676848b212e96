//! What a gate may rely on of the ledgers while threads come, end and have their ledgers taken over.

use loom::sync::Arc;
use loom::thread;

use super::scene::{Scene, both_ways, owned, shared_read, unsigned};
use crate::access::{Access, AccessKind, Operation, Site};
use crate::gate::Manner;

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
