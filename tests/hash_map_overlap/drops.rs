//! A map that is dropped or consumed beside a call.

use checkedmap::Mode;

use crate::overlap::{Resume, overlap, text};
use crate::shared::{Shared, is_whole};
use crate::user_code::{Key, Trigger};

#[test]
fn a_map_in_use_refuses_to_be_dropped_and_is_leaked() {
    let shared = Shared::new(Mode::Panic);
    let first = || assert!(shared.map().get(&Key(1)).is_some());
    let outcome = overlap(Trigger::Eq, Resume::AtEnd, first, || shared.drop_map());
    assert!(outcome.refused && outcome.first.is_ok());
    let text = text(outcome.second);
    assert!(text.contains("drop") && text.contains("get"), "{text}");
    is_whole(&shared);
    shared.drop_map();
}

#[test]
fn a_map_in_use_is_dropped_in_its_turn_in_log_mode() {
    let shared = Shared::new(Mode::Log);
    let first = || assert!(shared.map().get(&Key(1)).is_some());
    let outcome = overlap(Trigger::Eq, Resume::AtRefusal, first, || shared.drop_map());
    assert!(outcome.refused && outcome.first.is_ok() && outcome.second.is_ok());
}

#[test]
fn a_map_that_is_being_dropped_refuses_calls() {
    let shared = Shared::new(Mode::Panic);
    let outcome = overlap(Trigger::Drop, Resume::AtEnd, || shared.drop_map(), || shared.map().len());
    assert!(outcome.refused && outcome.first.is_ok());
    let text = text(outcome.second);
    assert!(text.contains("drop") && text.contains("len"), "{text}");
}

#[test]
fn a_map_in_use_refuses_to_be_consumed() {
    let shared = Shared::new(Mode::Panic);
    let first = || assert!(shared.map().contains_key(&Key(1)));
    // `take` moves the pointer to gate and table away, but the holder has it in hand. What `into_iter` was given is dropped
    // as it panics, once the holder has left.
    let second = || std::mem::take(shared.map()).into_iter().count();
    let outcome = overlap(Trigger::Eq, Resume::AtRefusal, first, second);
    assert!(outcome.refused && outcome.first.is_ok());
    assert!(text(outcome.second).contains("into_iter"));
}
