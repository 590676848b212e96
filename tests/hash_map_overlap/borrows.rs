//! Borrows that last over several calls, and a write in between.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use checkedmap::Mode;
use checkedmap::hash_map::{self as map, Entry};

use crate::overlap::text;
use crate::shared::{Map, Shared, is_whole};
use crate::user_code::{Key, Value};

/// What holds a borrow over several calls: how it begins, and what the call after the write does.
fn each_borrow(check: impl Fn(&'static str, &Shared, &dyn Fn(&mut dyn FnMut()))) {
    macro_rules! borrows {
        ($($name:literal: $begin:expr, $go_on:expr;)*) => {
            $({
                let shared = Shared::new(Mode::Panic);
                check($name, &shared, &|meanwhile| {
                    let begin: fn(&'static mut Map) -> _ = $begin;
                    // SAFETY: the map outlives the check, and whether the borrow is still good is what is checked.
                    let mut borrow = begin(unsafe { &mut *std::ptr::from_mut(shared.map()) });
                    meanwhile();
                    let go_on = $go_on;
                    go_on(&mut borrow);
                });
                shared.drop_map();
            })*
        };
    }
    type Occupied = Option<map::OccupiedEntry<'static, Key, Value>>;
    type Vacant = Option<map::VacantEntry<'static, Key, Value>>;
    fn occupied(map: &'static mut Map) -> Occupied {
        match map.entry(Key(1)) {
            Entry::Occupied(entry) => Some(entry),
            Entry::Vacant(_) => None,
        }
    }
    fn vacant(map: &'static mut Map) -> Vacant {
        match map.entry(Key(9)) {
            Entry::Occupied(_) => None,
            Entry::Vacant(entry) => Some(entry),
        }
    }
    borrows! {
        "iter": |map| map.iter(), |iter: &mut map::Iter<'_, Key, Value>| _ = iter.next();
        "iter": |map| map.iter(), |iter: &mut map::Iter<'_, Key, Value>| _ = iter.clone().max_by_key(|(key, _)| key.0);
        "keys": |map| map.keys(), |iter: &mut map::Keys<'_, Key, Value>| _ = iter.next();
        "values": |map| map.values(), |iter: &mut map::Values<'_, Key, Value>| _ = iter.next();
        "iter_mut": |map| map.iter_mut(), |iter: &mut map::IterMut<'_, Key, Value>| _ = iter.next();
        "values_mut": |map| map.values_mut(), |iter: &mut map::ValuesMut<'_, Key, Value>| _ = iter.next();
        "extract_if": |map| map.extract_if((|_, _| true) as fn(&Key, &mut Value) -> bool),
            |iter: &mut map::ExtractIf<'_, Key, Value, fn(&Key, &mut Value) -> bool>| _ = iter.next();
        "get": occupied, |entry: &mut Occupied| _ = entry.as_ref().unwrap().get();
        "get": occupied, |entry: &mut Occupied| _ = entry.as_ref().unwrap().key();
        "get_mut": occupied, |entry: &mut Occupied| _ = entry.as_mut().unwrap().get_mut();
        "insert": occupied, |entry: &mut Occupied| _ = entry.as_mut().unwrap().insert(Value(1));
        "get_mut": occupied, |entry: &mut Occupied| _ = entry.take().unwrap().into_mut();
        "remove": occupied, |entry: &mut Occupied| _ = entry.take().unwrap().remove();
        "insert": vacant, |entry: &mut Vacant| _ = entry.take().unwrap().insert(Value(9));
        "insert": vacant, |entry: &mut Vacant| _ = entry.take().unwrap().insert_entry(Value(9));
    }
}

#[test]
fn a_borrow_that_was_overrun_by_a_write_panics_in_every_mode() {
    for mode in [Mode::Panic, Mode::Log, Mode::Fallback] {
        each_borrow(|name, shared, run| {
            shared.map().set_mode(mode);
            let mut write = || {
                thread::scope(|scope| scope.spawn(|| shared.map().insert(Key(7), Value(7)).is_none()).join().unwrap());
            };
            let text = text(catch_unwind(AssertUnwindSafe(|| run(&mut write))));
            assert!(text.contains(name) && text.contains("insert"), "{name}: {text}");
            assert!(text.matches(file!()).count() >= 2, "both sites: {text}");
            assert!(shared.map().remove(&Key(7)).is_some());
            is_whole(shared);
        });
    }
}

#[test]
fn a_borrow_that_saw_reads_meanwhile_goes_on() {
    each_borrow(|_, shared, run| {
        let mut read = || thread::scope(|scope| scope.spawn(|| is_whole(shared)).join().unwrap());
        run(&mut read);
    });
}

#[test]
fn a_drain_that_was_overrun_leaves_what_was_written() {
    let shared = Shared::new(Mode::Panic);
    let mut drain = shared.map().drain();
    assert!(drain.next().is_some());
    shared.map().insert(Key(7), Value(7));
    let text = text(catch_unwind(AssertUnwindSafe(|| drop(drain))));
    assert!(text.contains("drain") && text.contains("insert"), "{text}");
    assert_eq!(shared.map().len(), 1);
    assert!(shared.map().contains_key(&Key(7)));
    shared.drop_map();
}

#[test]
fn a_drain_that_was_overrun_keeps_quiet_in_a_panic() {
    let shared = Shared::new(Mode::Panic);
    let unwinding = || {
        let _drain = shared.map().drain();
        shared.map().insert(Key(7), Value(7));
        panic!("the first and only");
    };
    let panic = catch_unwind(AssertUnwindSafe(unwinding)).unwrap_err();
    assert_eq!(*panic.downcast_ref::<&str>().unwrap(), "the first and only");
    assert_eq!(shared.map().len(), 1);
    shared.drop_map();
}
