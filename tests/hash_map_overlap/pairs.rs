//! Each call of one sort with each of the other, in every mode.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use checkedmap::hash_map::Entry;
use checkedmap::{AccessKind, Circuit, Mode};

use AccessKind::{Read, Write};

use crate::overlap::{Resume, overlap, text};
use crate::shared::{Shared, is_whole};
use crate::user_code::{ARMED, Key, Trigger, Value, user_code};

/// An operation's name in reports, its kind, what stops it inside the gate, and the call. What the call returns by reference
/// is not looked at: the second call may have its turn by then.
type First = (&'static str, AccessKind, Trigger, fn(&Shared));

const FIRST: &[First] = &[
    ("get", Read, Trigger::Eq, |shared| assert!(shared.map().get(&Key(1)).is_some())),
    ("get_key_value", Read, Trigger::Eq, |shared| assert!(shared.map().get_key_value(&Key(1)).is_some())),
    ("contains_key", Read, Trigger::Eq, |shared| assert!(shared.map().contains_key(&Key(1)))),
    ("index", Read, Trigger::Eq, |shared| _ = &shared.map()[&Key(1)]),
    ("clone", Read, Trigger::Clone, |shared| assert_eq!(shared.map().clone().len(), 4)),
    ("eq", Read, Trigger::ValueEq, |shared| assert!(*shared.map() == *shared.map())),
    ("fmt", Read, Trigger::Fmt, |shared| assert!(format!("{:?}", shared.map()).contains("1: 1"))),
    ("iter", Read, Trigger::Closure, |shared| shared.map().iter().for_each(|_| user_code(Trigger::Closure))),
    ("keys", Read, Trigger::Closure, |shared| shared.map().keys().for_each(|_| user_code(Trigger::Closure))),
    ("values", Read, Trigger::Closure, |shared| shared.map().values().for_each(|_| user_code(Trigger::Closure))),
    ("insert", Write, Trigger::Eq, |shared| assert!(shared.map().insert(Key(1), Value(1)).is_some())),
    ("get_mut", Write, Trigger::Eq, |shared| assert!(shared.map().get_mut(&Key(1)).is_some())),
    ("get_disjoint_mut", Write, Trigger::Eq, |shared| {
        assert!(shared.map().get_disjoint_mut([&Key(1), &Key(2)]).iter().all(Option::is_some));
    }),
    ("remove", Write, Trigger::Eq, |shared| {
        assert!(shared.map().remove(&Key(1)).is_some());
    }),
    ("entry", Write, Trigger::Eq, |shared| assert!(matches!(shared.map().entry(Key(1)), Entry::Occupied(_)))),
    ("entry", Write, Trigger::Closure, |shared| {
        shared.map().entry(Key(1)).and_modify(|_| user_code(Trigger::Closure));
    }),
    ("insert", Write, Trigger::Closure, |shared| {
        shared.map().entry(Key(4)).or_insert_with(|| {
            user_code(Trigger::Closure);
            Value(4)
        });
    }),
    ("iter_mut", Write, Trigger::Closure, |shared| shared.map().iter_mut().for_each(|_| user_code(Trigger::Closure))),
    ("values_mut", Write, Trigger::Closure, |shared| {
        shared.map().values_mut().for_each(|_| user_code(Trigger::Closure));
    }),
    ("retain", Write, Trigger::Closure, |shared| {
        shared.map().retain(|_, _| {
            user_code(Trigger::Closure);
            true
        });
    }),
    ("extract_if", Write, Trigger::Closure, |shared| {
        let count = shared.map().extract_if(|_, _| {
            user_code(Trigger::Closure);
            false
        });
        assert_eq!(count.count(), 0);
    }),
    ("extend", Write, Trigger::Eq, |shared| shared.map().extend([(Key(1), Value(1))])),
    ("reserve", Write, Trigger::Hash, |shared| shared.map().reserve(100)),
    ("shrink_to_fit", Write, Trigger::Hash, |shared| {
        let map = shared.map();
        let armed = ARMED.take();
        map.reserve(100);
        ARMED.set(armed);
        map.shrink_to_fit();
    }),
    ("clear", Write, Trigger::Drop, |shared| {
        shared.map().clear();
    }),
];

/// An operation's name in reports, its kind, and the call.
type Second = (&'static str, AccessKind, fn(&Shared));

const SECOND: &[Second] = &[
    ("len", Read, |shared| assert!(shared.map().len() <= 5)),
    ("is_empty", Read, |shared| _ = shared.map().is_empty()),
    ("capacity", Read, |shared| assert!(shared.map().capacity() >= 4)),
    ("get", Read, |shared| assert!(shared.map().get(&Key(2)).is_none_or(|value| value.0 == 2))),
    ("iter", Read, |shared| assert!(shared.map().iter().all(|(key, value)| key.0 == value.0))),
    ("clone", Read, |shared| assert!(shared.map().clone().len() <= 5)),
    ("insert", Write, |shared| drop(shared.map().insert(Key(2), Value(2)))),
    ("remove", Write, |shared| drop(shared.map().remove(&Key(9)))),
    ("remove_entry", Write, |shared| drop(shared.map().remove_entry(&Key(9)))),
    ("get_mut", Write, |shared| _ = shared.map().get_mut(&Key(2))),
    ("entry", Write, |shared| assert_eq!(shared.map().entry(Key(2)).or_insert(Value(2)).0, 2)),
    ("iter_mut", Write, |shared| assert!(shared.map().iter_mut().all(|(key, value)| key.0 == value.0))),
    ("retain", Write, |shared| shared.map().retain(|_, _| true)),
    ("extract_if", Write, |shared| assert_eq!(shared.map().extract_if(|_, _| false).count(), 0)),
    ("reserve", Write, |shared| shared.map().reserve(1)),
    ("try_reserve", Write, |shared| shared.map().try_reserve(1).unwrap()),
    ("shrink_to", Write, |shared| shared.map().shrink_to(1000)),
    ("clone_from", Write, |shared| {
        let four = (0..4).map(|id| (Key(id), Value(id))).collect();
        shared.map().clone_from(&four);
    }),
    ("drain", Write, |shared| {
        assert!(shared.map().drain().all(|(key, value)| key.0 == value.0));
    }),
    ("clear", Write, |shared| {
        shared.map().clear();
    }),
];

fn each_pair(check: impl Fn(&First, &Second)) {
    for first in FIRST {
        for second in SECOND {
            check(first, second);
        }
    }
}

#[test]
fn in_panic_mode_the_second_call_is_refused_unless_both_read() {
    each_pair(|&(holder, held, trigger, first), &(contender, contending, second)| {
        let shared = Shared::new(Mode::Panic);
        let outcome = overlap(trigger, Resume::AtRefusal, || first(&shared), || second(&shared));
        let conflict = held == Write || contending == Write;
        assert_eq!(outcome.refused, conflict, "{holder} then {contender}");
        outcome.first.unwrap_or_else(|_| panic!("{holder} was there before {contender}"));
        assert_eq!(outcome.second.is_err(), conflict, "{holder} then {contender}");
        if conflict {
            let text = text(outcome.second);
            assert!(text.contains(holder) && text.contains(contender), "{holder} then {contender}: {text}");
            // The formatting machinery calls through a function pointer, which knows no caller.
            let sites = if holder == "fmt" { 1 } else { 2 };
            assert!(text.matches(file!()).count() >= sites, "both sites: {text}");
        }
        is_whole(&shared);
        shared.drop_map();
    });
}

#[test]
fn in_log_mode_the_second_call_waits_its_turn() {
    each_pair(|&(holder, held, trigger, first), &(contender, contending, second)| {
        let shared = Shared::new(Mode::Log);
        let outcome = overlap(trigger, Resume::AtRefusal, || first(&shared), || second(&shared));
        assert_eq!(outcome.refused, held == Write || contending == Write, "{holder} then {contender}");
        assert!(outcome.first.is_ok() && outcome.second.is_ok(), "{holder} then {contender}");
        is_whole(&shared);
        shared.drop_map();
    });
}

#[test]
fn in_fallback_mode_the_map_degrades_and_both_calls_succeed() {
    each_pair(|&(holder, held, trigger, first), &(contender, contending, second)| {
        let shared = Shared::new(Mode::Fallback);
        let outcome = overlap(trigger, Resume::AtRefusal, || first(&shared), || second(&shared));
        let conflict = held == Write || contending == Write;
        assert!(outcome.first.is_ok() && outcome.second.is_ok(), "{holder} then {contender}");
        let circuit = if conflict { Circuit::Degraded } else { Circuit::Checked };
        assert_eq!(shared.map().circuit(), circuit, "{holder} then {contender}");
        is_whole(&shared);
        shared.drop_map();
    });
}

#[test]
fn a_call_after_the_other_is_fine() {
    each_pair(|&(_, _, _, first), &(_, _, second)| {
        let shared = Shared::new(Mode::Panic);
        first(&shared);
        thread::scope(|scope| scope.spawn(|| second(&shared)).join()).unwrap();
        is_whole(&shared);
        shared.drop_map();
    });
}

#[test]
fn a_call_from_inside_a_call_of_the_same_thread_panics_in_every_mode() {
    for mode in [Mode::Panic, Mode::Log, Mode::Fallback] {
        let shared = Shared::new(mode);
        let nested = || shared.map().retain(|_, _| shared.map().insert(Key(9), Value(9)).is_none());
        let text = text(catch_unwind(AssertUnwindSafe(nested)));
        assert!(text.contains("retain") && text.contains("insert"), "{text}");
        is_whole(&shared);
        shared.map().iter().for_each(|(key, _)| assert!(shared.map().contains_key(key)));
        shared.drop_map();
    }
}
