//! Code of the user's that runs inside an access: it may panic, and it may come back to the map.

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use checkedmap::{CheckedMap, ConflictKind};

thread_local! {
    static PANIC_IN: Cell<Option<&'static str>> = const { Cell::new(None) };
}

fn step(name: &str) {
    // A second panic while the first unwinds would end the process.
    if PANIC_IN.get() == Some(name) && !std::thread::panicking() {
        PANIC_IN.set(None);
        panic!("in {name}");
    }
}

#[derive(Debug, Clone)]
struct Touchy(u32);

impl Hash for Touchy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        step("hash");
        self.0.hash(state);
    }
}

impl PartialEq for Touchy {
    fn eq(&self, other: &Self) -> bool {
        step("eq");
        self.0 == other.0
    }
}

impl Eq for Touchy {}

impl Drop for Touchy {
    fn drop(&mut self) {
        step("drop");
    }
}

type Map = CheckedMap<Touchy, Touchy>;

/// Its name, and what it does.
type Operation<M> = (&'static str, fn(&M));

fn map() -> Map {
    (0..8).map(|n| (Touchy(n), Touchy(n * 10))).collect()
}

#[test]
fn a_panic_in_user_code_leaves_the_map_usable() {
    let operations: &[Operation<Map>] = &[
        ("get", |map| drop(map.get(&Touchy(1)))),
        ("get_key_value", |map| drop(map.get_key_value(&Touchy(1)))),
        ("contains_key", |map| _ = map.contains_key(&Touchy(1))),
        ("get_mut", |map| drop(map.get_mut(&Touchy(1)))),
        ("get_disjoint_mut", |map| drop(map.get_disjoint_mut([&Touchy(1), &Touchy(2)]))),
        ("insert", |map| drop(map.insert(Touchy(1), Touchy(1)))),
        ("insert new", |map| drop(map.insert(Touchy(100), Touchy(1)))),
        ("remove", |map| drop(map.remove(&Touchy(1)))),
        ("remove_entry", |map| drop(map.remove_entry(&Touchy(1)))),
        ("entry", |map| drop(map.entry(Touchy(1)))),
        ("or_insert", |map| drop(map.entry(Touchy(1)).or_insert(Touchy(1)))),
        ("entry remove", |map| {
            if let checkedmap::map::Entry::Occupied(entry) = map.entry(Touchy(1)) {
                entry.remove();
            }
        }),
        ("retain", |map| map.retain(|key, _| key.0 % 2 == 0)),
        ("extract_if", |map| _ = map.extract_if(|key, _| key.0 == 3).count()),
        ("clear", |map| map.clear()),
        ("drain", |map| drop(map.drain())),
        ("extend", |map| map.extend([(Touchy(1), Touchy(2)), (Touchy(200), Touchy(2))])),
        ("reserve", |map| map.reserve(1_000)),
        ("eq", |map| _ = map.eq(map)),
        ("or_insert_with", |map| drop(map.entry(Touchy(300)).or_insert_with(|| panic!("in closure")))),
        ("and_modify", |map| drop(map.entry(Touchy(1)).and_modify(|_| panic!("in closure")))),
        ("with", |map| map.with(|_| panic!("in closure"))),
        ("with_mut", |map| map.with_mut(|_| panic!("in closure"))),
        ("retain closure", |map| map.retain(|_, _| panic!("in closure"))),
        ("extract closure", |map| drop(map.extract_if(|_, _| panic!("in closure")).next())),
    ];
    let mut panics = 0;
    for place in ["hash", "eq", "drop", "nowhere"] {
        for (name, operation) in operations {
            let map = map();
            PANIC_IN.set(Some(place));
            panics += u32::from(catch_unwind(AssertUnwindSafe(|| operation(&map))).is_err());
            PANIC_IN.set(None);
            assert!(map.try_write().is_ok(), "{name} with a panic in {place} has left the gate");
            map.insert(Touchy(50), Touchy(51));
            assert_eq!(map.get(&Touchy(50)).unwrap().0, 51, "{name} with a panic in {place}");
            assert_eq!(map.iter().count(), map.len(), "{name} with a panic in {place}");
        }
    }
    assert!(panics > 40, "only {panics} of the operations panicked");
}

thread_local! {
    static CALL_BACK: Cell<Option<Back>> = const { Cell::new(None) };
    static SEEN: Cell<Option<Option<ConflictKind>>> = const { Cell::new(None) };
    static MAP: Arc<Callers> = Arc::new(CheckedMap::new());
}

type Callers = CheckedMap<Caller, Caller>;

/// Comes back to the map, and says what that collided with.
type Back = fn(&Callers) -> Option<ConflictKind>;

/// Comes back to the map of its thread.
#[derive(PartialEq, Eq, Debug)]
struct Caller(&'static str);

fn call_back() {
    if let Some(back) = CALL_BACK.take() {
        SEEN.set(Some(MAP.with(|map| back(map))));
    }
}

impl Hash for Caller {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if self.0 != "only when dropped" {
            call_back();
        }
        self.0.hash(state);
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        call_back();
    }
}

fn coming_back(back: Back, operation: impl FnOnce(&Callers)) -> Option<ConflictKind> {
    MAP.with(|map| {
        CALL_BACK.set(Some(back));
        operation(map);
        assert!(CALL_BACK.take().is_none(), "user code was called");
        SEEN.take().expect("user code was called")
    })
}

#[test]
fn hash_that_reads_the_map_is_caught_inside_a_write_and_fine_inside_a_read() {
    // std does not hash for an empty map.
    MAP.with(|map| map.insert(Caller("present"), Caller("value")));
    let back: Back = |map| map.try_len().err().map(|conflict| conflict.kind());
    assert_eq!(coming_back(back, |map| _ = map.get(&Caller("x"))), None);
    assert_eq!(coming_back(back, |map| _ = map.remove(&Caller("x"))), Some(ConflictKind::Reentrant));
    let back: Back = |map| map.try_clear().err().map(|conflict| conflict.kind());
    assert_eq!(coming_back(back, |map| _ = map.get(&Caller("x"))), Some(ConflictKind::Reentrant));
}

#[test]
fn what_is_removed_or_replaced_may_come_back_to_the_map_as_it_is_dropped() {
    let fill = |map: &Callers| {
        map.clear();
        map.insert(Caller("key"), Caller("value"));
        SEEN.set(None);
    };
    let back: Back = |map| map.try_write().err().map(|conflict| conflict.kind());
    let operations: &[Operation<Callers>] = &[
        ("clear", |map| map.clear()),
        ("retain", |map| map.retain(|_, _| false)),
        ("drain", |map| drop(map.drain())),
        ("extract_if", |map| {
            let taken: Vec<_> = map.extract_if(|_, _| true).collect();
            drop(taken);
        }),
    ];
    for (name, operation) in operations {
        MAP.with(|map| fill(map));
        assert_eq!(coming_back(back, operation), None, "{name}");
    }
    MAP.with(|map| {
        let key = Caller("only when dropped");
        let fill = || map.insert(Caller("only when dropped"), Caller("value"));
        fill();
        assert_eq!(coming_back(back, |map| std::mem::forget(map.remove(&key))), None, "remove");
        fill();
        assert_eq!(coming_back(back, |map| drop(map.remove_entry(&key))), None, "remove_entry");
        fill();
        assert_eq!(
            coming_back(back, |map| drop(map.insert(key, Caller("new")))),
            Some(ConflictKind::Reentrant),
            "insert"
        );
    });
    // Here hashing comes first, so the call back is set up from the closure that runs after it.
    MAP.with(|map| {
        fill(map);
        let key = Caller("key");
        let found = map.entry(Caller("key"));
        let checkedmap::map::Entry::Occupied(found) = found else { panic!("the key is there") };
        CALL_BACK.set(Some(back));
        drop(found.remove());
        assert_eq!(SEEN.take(), Some(None));
        drop(key);
    });
}

#[test]
fn values_that_extend_replaces_may_come_back_to_the_map_as_they_are_dropped() {
    static REPLACED: AtomicU32 = AtomicU32::new(0);
    static MAP: LazyLock<CheckedMap<u32, Returning>> = LazyLock::new(CheckedMap::new);
    struct Returning;
    impl Drop for Returning {
        fn drop(&mut self) {
            assert!(MAP.try_write().is_ok());
            REPLACED.fetch_add(1, Ordering::Relaxed);
        }
    }
    MAP.extend([(1, Returning), (2, Returning)]);
    MAP.extend([(2, Returning), (3, Returning), (2, Returning)]);
    drop(MAP.insert(1, Returning));
    assert_eq!(REPLACED.load(Ordering::Relaxed), 3);
}

#[test]
fn extend_may_read_the_map_it_extends() {
    let map = CheckedMap::from([(1, 1), (2, 2)]);
    map.extend(map.iter().map(|(key, value)| (key + 10, value * 10)));
    map.extend(map.iter());
    let lent = std::collections::HashMap::from([(7, 7)]);
    map.extend(&lent);
    assert_eq!(map.len(), 5);
    assert_eq!(map.get(&12).unwrap(), 20);
}
