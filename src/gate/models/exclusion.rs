//! Who is let in by the count, and who waits: the rules that every regime has to keep.

use super::scene::{Scene, both_ways};
use crate::gate::{Regime, Word};

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
