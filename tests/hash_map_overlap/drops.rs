//! A map that is dropped or consumed beside a call.

use std::cell::Cell;
use std::hash::{Hash, Hasher};

use checkedmap::Mode;
use checkedmap::hash_map::HashMap;

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

type Names = HashMap<Name, u32>;

thread_local! {
    /// The map that a [`Name`] looks at as it is dropped, and how many entries it has seen there.
    static SEEN_FROM_DROP: Cell<(*const Names, usize)> = const { Cell::new((std::ptr::null(), 0)) };
}

#[derive(PartialEq, Eq)]
struct Name(&'static str);

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let (map, _) = SEEN_FROM_DROP.get();
        // SAFETY: null, or a map that lives; that it is somebody's to write at this moment is what the map is there to catch.
        if let Some(map) = unsafe { map.as_ref() } {
            SEEN_FROM_DROP.set((map, map.len()));
        }
    }
}

#[test]
fn a_key_that_was_there_already_is_dropped_once_the_write_has_ended() {
    for stale_checks in [false, true] {
        let mut names = Names::named("names");
        names.set_stale_checks(stale_checks);
        names.insert(Name("a"), 1);
        SEEN_FROM_DROP.set((&raw const names, 0));
        assert_eq!(names.insert(Name("a"), 2), Some(1));
        assert_eq!(SEEN_FROM_DROP.replace((std::ptr::null(), 0)).1, 1);
    }
}
