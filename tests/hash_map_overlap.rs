//! Calls on one `hash_map::HashMap` that overlap, as code that shares it through `unsafe` makes them.
//!
//! Overlap is made by construction: user code that the first call runs inside the gate (a key's `Eq`, a value's `Clone`, a
//! closure) stops there until the second call has been refused, or has come back.

#![allow(unsafe_code)]

use std::cell::{Cell, RefCell, UnsafeCell};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use checkedmap::hash_map::{Entry, HashMap};
use checkedmap::{AccessKind, Circuit, ContextProvider, Mode, RequestContext, set_context_provider};

use AccessKind::{Read, Write};

type Map = HashMap<Key, Value>;

/// What the programs under test have in common: a map whose owner is no longer the compiler's business.
struct Shared(UnsafeCell<ManuallyDrop<Map>>);

// SAFETY: none; that is the mistake the map is there to catch.
unsafe impl Sync for Shared {}

impl Shared {
    fn new(mode: Mode) -> Self {
        let map: Map = (0..4).map(|id| (Key(id), Value(id))).collect();
        map.set_mode(mode);
        Self(UnsafeCell::new(ManuallyDrop::new(map)))
    }

    #[allow(clippy::mut_from_ref)]
    fn map(&self) -> &mut Map {
        // SAFETY: the pointer is valid; that it is the only one is what the callers break on purpose.
        unsafe { &mut *self.0.get() }
    }

    fn drop_map(&self) {
        // SAFETY: as in `map`.
        let map = unsafe { &mut *self.0.get() };
        // SAFETY: nobody uses the map afterwards.
        unsafe { ManuallyDrop::drop(map) }
    }
}

/// Where user code runs inside a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trigger {
    Hash,
    Eq,
    Clone,
    ValueEq,
    Fmt,
    Drop,
    Closure,
}

thread_local! {
    /// What stops this thread, once, and how.
    static ARMED: Cell<Option<Trigger>> = const { Cell::new(None) };
    static PAUSE: RefCell<Option<(Sender<()>, Receiver<()>)>> = const { RefCell::new(None) };
    /// Told when this thread's access is refused.
    static REFUSED: RefCell<Option<Sender<()>>> = const { RefCell::new(None) };
}

fn user_code(trigger: Trigger) {
    if ARMED.get() == Some(trigger) {
        ARMED.set(None);
        let (reached, resume) = PAUSE.take().expect("whoever arms a thread says how it is stopped");
        reached.send(()).unwrap();
        // An error means that the test is over.
        let _ = resume.recv();
    }
}

struct Key(u32);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        user_code(Trigger::Hash);
        self.0.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        user_code(Trigger::Eq);
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

struct Value(u32);

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        user_code(Trigger::ValueEq);
        self.0 == other.0
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        user_code(Trigger::Clone);
        Self(self.0)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        user_code(Trigger::Fmt);
        self.0.fmt(f)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        user_code(Trigger::Drop);
    }
}

/// Evidence of a refusal is gathered on the contender's thread, and this is asked while it is.
struct TellRefusals;

impl ContextProvider for TellRefusals {
    fn describe(&self, _: &mut RequestContext) {
        REFUSED.with_borrow(|refused| refused.as_ref().map(|refused| refused.send(())));
    }
}

struct Outcome<A, B> {
    refused: bool,
    first: thread::Result<A>,
    second: thread::Result<B>,
}

/// When the first call goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Resume {
    /// Once the second is refused, or over.
    AtRefusal,
    /// Once the second is over, since afterwards there is nothing left to be inside of.
    AtEnd,
}

/// Runs `first` until `trigger`, then `second` beside it.
fn overlap<A: Send, B: Send>(
    trigger: Trigger,
    resume_when: Resume,
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> Outcome<A, B> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| set_context_provider(Box::new(TellRefusals)).ok().unwrap());
    let (reached, is_reached) = mpsc::channel();
    let (resume, resumed) = mpsc::channel();
    let (refused, is_refused) = mpsc::channel();
    thread::scope(|scope| {
        let first = scope.spawn(move || {
            PAUSE.set(Some((reached, resumed)));
            ARMED.set(Some(trigger));
            let result = first();
            assert_eq!(ARMED.take(), None, "the first call did not come to {trigger:?}");
            result
        });
        is_reached.recv().expect("the first call stops inside");
        let second = scope.spawn(move || {
            REFUSED.set(Some(refused));
            let result = catch_unwind(AssertUnwindSafe(second));
            REFUSED.set(None);
            result
        });
        let refused = is_refused.recv().is_ok();
        let second = match resume_when {
            Resume::AtRefusal => {
                drop(resume);
                second.join().unwrap()
            }
            Resume::AtEnd => {
                let second = second.join().unwrap();
                drop(resume);
                second
            }
        };
        Outcome { refused, first: first.join(), second }
    })
}

fn text<T>(result: thread::Result<T>) -> String {
    *result.err().expect("it panics").downcast::<String>().expect("with a text made for the occasion")
}

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

/// Looks at every entry in the ways there are, which must agree.
fn is_whole(shared: &Shared) {
    let map = shared.map();
    let mut ids: Vec<_> = map.iter().map(|(key, value)| (key.0, value.0)).collect();
    assert_eq!(ids.len(), map.len());
    ids.sort_unstable();
    ids.dedup_by_key(|(key, _)| *key);
    assert_eq!(ids.len(), map.len(), "a key is there twice");
    assert!(ids.iter().all(|(key, value)| key == value && map[&Key(*key)].0 == *value));
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
    use checkedmap::hash_map as map;
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

#[test]
fn two_first_accesses_agree_on_one_gate() {
    for _ in 0..200 {
        let shared = Shared(UnsafeCell::new(ManuallyDrop::new(Map::new())));
        let barrier = std::sync::Barrier::new(2);
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
    let shared = Shared(UnsafeCell::new(ManuallyDrop::new(Map::named("prices"))));
    shared.map().insert(Key(1), Value(1));
    let first = || assert!(shared.map().get(&Key(1)).is_some());
    let outcome = overlap(Trigger::Eq, Resume::AtRefusal, first, || shared.map().clear());
    let text = text(outcome.second);
    assert!(text.contains("prices"), "{text}");
    shared.drop_map();
}
