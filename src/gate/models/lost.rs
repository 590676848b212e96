//! In the child of a fork, what threads of the parent held is taken off the gate.

use loom::sync::Arc;

use super::scene::{Scene, both_ways, shared_read};
use crate::access::{AccessKind, Operation};
use crate::gate::Word;

/// A read of a thread that is not there, which a revocation has counted.
fn lost_read() -> Arc<Scene> {
    let scene = shared_read();
    let lost = scene.ledger();
    let open = scene.open(lost, Operation::Iter);
    assert!(scene.enter(open, AccessKind::Read).is_ok());
    scene.gate.revoke(&scene.registry, scene.gate.load());
    assert!(!scene.gate.load().is_vacant(), "it is counted");
    lost.lose();
    scene
}

/// Both have been refused by the lost read.
#[test]
fn models_a_lost_read_is_taken_off_once() {
    both_ways(
        lost_read,
        |scene, me| {
            scene.gate.forgive_lost(&scene.registry);
            scene.try_read(me).is_ok()
        },
        |scene, me| {
            scene.gate.forgive_lost(&scene.registry);
            scene.try_write(me).is_ok()
        },
        |scene, read, wrote| {
            assert!(read || wrote);
            assert_eq!(scene.gate.load().calm(), Word(Word::FREE), "nothing stays counted");
        },
    );
}
