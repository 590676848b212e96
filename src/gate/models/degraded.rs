//! Into the degraded regime, through its lock, and out of it again.

use std::time::Instant;

use loom::sync::Arc;
use loom::thread;

use super::scene::{Scene, both_ways, degraded, owned, unsigned};
use crate::access::{AccessKind, Operation};
use crate::gate::Hold;
use crate::ledger::Phase;

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
