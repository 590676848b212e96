//! The evidence exchange: the access that is named is inside, and it is that access which answers.

use std::sync::Arc as StdArc;
use std::time::{Duration, Instant, SystemTime};

use loom::sync::Arc;
use loom::thread;

use super::scene::{Scene, both_ways, owned, unsigned};
use crate::access::{AccessKind, Operation};
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::gate::{Manner, Refusal, Word};
use crate::ledger::Ledger;

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
