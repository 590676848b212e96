//! Which gate a map has, and what it is called.

use std::sync::Barrier;
use std::thread;

use checkedmap::Mode;

use crate::overlap::{Resume, overlap, text};
use crate::shared::{Map, Shared};
use crate::user_code::{Key, Trigger, Value};

#[test]
fn two_first_accesses_agree_on_one_gate() {
    for _ in 0..200 {
        let shared = Shared::of(Map::new());
        let barrier = Barrier::new(2);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    barrier.wait();
                    shared.map().set_mode(Mode::Log);
                });
            }
        });
        assert_eq!(shared.map().mode(), Mode::Log);
        shared.map().insert(Key(1), Value(1));
        shared.drop_map();
    }
}

#[test]
fn a_named_map_is_called_by_its_name() {
    let shared = Shared::of(Map::named("prices"));
    shared.map().insert(Key(1), Value(1));
    let first = || assert!(shared.map().get(&Key(1)).is_some());
    let outcome = overlap(Trigger::Eq, Resume::AtRefusal, first, || shared.map().clear());
    let text = text(outcome.second);
    assert!(text.contains("prices"), "{text}");
    shared.drop_map();
}
