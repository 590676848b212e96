//! Accesses that are inside by being published, and what takes the gate from them.

use loom::sync::Arc;
use loom::thread;

use super::scene::{Scene, both_ways, owned, shared_read, unsigned};
use crate::access::{Access, AccessKind, Operation, Site};
use crate::gate::{Hold, Manner, Word};

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
