//! Every kind of access beside every other: caught where one of them writes, fine where both read.

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use checkedmap::AccessKind::{self, Read, Write};
use checkedmap::{CheckedMap, Conflict, ConflictKind};

type Meanwhile = Rc<dyn Fn()>;

thread_local! {
    /// Runs once, in the middle of the next hashing of a [`Key`].
    static WHILE_HASHING: RefCell<Option<Meanwhile>> = const { RefCell::new(None) };
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key(u32);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if let Some(meanwhile) = WHILE_HASHING.take() {
            meanwhile();
        }
        self.0.hash(state);
    }
}

type Map = Arc<CheckedMap<Key, u32>>;

fn filled() -> Map {
    Arc::new((0..4).map(|n| (Key(n), n)).collect())
}

/// Lets `meanwhile` run in the middle of an operation that hashes.
fn hashing<R>(meanwhile: &Meanwhile, operation: impl FnOnce() -> R) -> R {
    WHILE_HASHING.set(Some(Rc::clone(meanwhile)));
    let result = operation();
    assert!(WHILE_HASHING.take().is_none(), "the operation has hashed");
    result
}

/// Runs `meanwhile` at the first call.
fn once(meanwhile: &Meanwhile) -> impl FnMut() + use<> {
    let mut meanwhile = Some(Rc::clone(meanwhile));
    move || {
        if let Some(meanwhile) = meanwhile.take() {
            meanwhile();
        }
    }
}

/// An access that stays open while `meanwhile` runs.
type Hold = fn(&Map, Meanwhile);

const HOLDERS: &[(&str, AccessKind, Hold)] = &[
    ("read", Read, |map, meanwhile| {
        let _open = map.read();
        meanwhile();
    }),
    ("read", Read, |map, meanwhile| map.with(|_| meanwhile())),
    ("get", Read, |map, meanwhile| {
        let _open = map.get(&Key(1)).unwrap();
        meanwhile();
    }),
    ("get", Read, |map, meanwhile| {
        hashing(&meanwhile, || map.get(&Key(9)).is_none());
    }),
    ("get_key_value", Read, |map, meanwhile| {
        let (_key, value) = map.get_key_value(&Key(1)).unwrap();
        drop(value);
        meanwhile();
    }),
    ("contains_key", Read, |map, meanwhile| assert!(hashing(&meanwhile, || map.contains_key(&Key(1))))),
    ("hasher", Read, |map, meanwhile| {
        let _open = map.hasher();
        meanwhile();
    }),
    ("iter", Read, |map, meanwhile| {
        let _open = map.iter();
        meanwhile();
    }),
    ("iter", Read, |map, meanwhile| {
        let _item = map.iter().next();
        meanwhile();
    }),
    ("keys", Read, |map, meanwhile| {
        let _items: Vec<_> = map.keys().collect();
        meanwhile();
    }),
    ("values", Read, |map, meanwhile| {
        let _items: Vec<_> = map.values().collect();
        meanwhile();
    }),
    ("eq", Read, |map, meanwhile| {
        let other = filled();
        assert!(hashing(&meanwhile, || **map == *other));
    }),
    ("write", Write, |map, meanwhile| {
        let _open = map.write();
        meanwhile();
    }),
    ("write", Write, |map, meanwhile| map.with_mut(|_| meanwhile())),
    ("get_mut", Write, |map, meanwhile| {
        let _open = map.get_mut(&Key(1)).unwrap();
        meanwhile();
    }),
    ("get_disjoint_mut", Write, |map, meanwhile| {
        let [first, _second] = map.get_disjoint_mut([&Key(1), &Key(2)]);
        drop(first);
        meanwhile();
    }),
    ("insert", Write, |map, meanwhile| assert_eq!(hashing(&meanwhile, || map.insert(Key(1), 1)), Some(1))),
    ("remove", Write, |map, meanwhile| assert_eq!(hashing(&meanwhile, || map.remove(&Key(9))), None)),
    ("remove_entry", Write, |map, meanwhile| assert_eq!(hashing(&meanwhile, || map.remove_entry(&Key(9))), None)),
    ("entry", Write, |map, meanwhile| {
        let _open = map.entry(Key(1));
        meanwhile();
    }),
    ("entry", Write, |map, meanwhile| {
        let _open = map.entry(Key(1)).or_insert(0);
        meanwhile();
    }),
    ("entry", Write, |map, meanwhile| {
        let open = map.entry(Key(1)).insert_entry(1);
        meanwhile();
        assert_eq!(open.get(), &1);
    }),
    ("retain", Write, |map, meanwhile| {
        let mut meanwhile = once(&meanwhile);
        map.retain(|_, _| {
            meanwhile();
            true
        });
    }),
    ("extract_if", Write, |map, meanwhile| {
        let _open = map.extract_if(|_, _| false);
        meanwhile();
    }),
    ("extend", Write, |map, meanwhile| hashing(&meanwhile, || map.extend([(Key(1), 1)]))),
    ("reserve", Write, |map, meanwhile| hashing(&meanwhile, || map.reserve(1_000))),
];

/// Makes an access, and returns the conflict if there is one.
type Attempt = fn(&Map) -> Option<Conflict>;

const CONTENDERS: &[(&str, AccessKind, Attempt)] = &[
    ("read", Read, |map| map.try_read().err()),
    ("read", Read, |map| map.try_with(|map| map.len()).err()),
    ("get", Read, |map| map.try_get(&Key(1)).err()),
    ("get_key_value", Read, |map| map.try_get_key_value(&Key(1)).err()),
    ("contains_key", Read, |map| map.try_contains_key(&Key(1)).err()),
    ("len", Read, |map| map.try_len().err()),
    ("is_empty", Read, |map| map.try_is_empty().err()),
    ("capacity", Read, |map| map.try_capacity().err()),
    ("hasher", Read, |map| map.try_hasher().err()),
    ("iter", Read, |map| map.try_iter().err()),
    ("keys", Read, |map| map.try_keys().err()),
    ("values", Read, |map| map.try_values().err()),
    ("write", Write, |map| map.try_write().err()),
    ("write", Write, |map| map.try_with_mut(|map| map.len()).err()),
    ("get_mut", Write, |map| map.try_get_mut(&Key(1)).err()),
    ("get_disjoint_mut", Write, |map| map.try_get_disjoint_mut([&Key(1), &Key(2)]).err()),
    ("insert", Write, |map| {
        let refused = map.try_insert(Key(1), 1).err()?;
        assert_eq!(refused.given, (Key(1), 1));
        Some(refused.conflict)
    }),
    ("remove", Write, |map| map.try_remove(&Key(9)).err()),
    ("remove_entry", Write, |map| map.try_remove_entry(&Key(9)).err()),
    ("entry", Write, |map| {
        let refused = map.try_entry(Key(1)).err()?;
        assert_eq!(refused.given, Key(1));
        Some(refused.conflict)
    }),
    ("retain", Write, |map| map.try_retain(|_, _| true).err()),
    ("extract_if", Write, |map| map.try_extract_if(|_, _| false).err()),
    ("drain", Write, |map| map.try_drain().map(|entries| map.extend(entries)).err()),
    ("clear", Write, |map| {
        let entries: Vec<_> = map.try_iter().ok().into_iter().flatten().map(|(k, v)| (k.clone(), *v)).collect();
        map.try_clear().map(|()| map.extend(entries)).err()
    }),
    ("shrink_to_fit", Write, |map| map.try_shrink_to_fit().err()),
    ("shrink_to", Write, |map| map.try_shrink_to(8).err()),
    ("extend", Write, |map| {
        let refused = map.try_extend([(Key(1), 1), (Key(2), 2)]).err()?;
        assert_eq!(refused.given, [(Key(1), 1), (Key(2), 2)]);
        Some(refused.conflict)
    }),
];

fn walks(name: &str) -> bool {
    ["iter", "keys", "values", "retain", "extract_if", "drain"].contains(&name)
}

fn kind_of((holder, holder_kind): (&str, AccessKind), (contender, contender_kind): (&str, AccessKind)) -> ConflictKind {
    if walks(holder) || walks(contender) {
        ConflictKind::IterateWrite
    } else if (holder_kind, contender_kind) == (Write, Write) {
        ConflictKind::WriteWrite
    } else {
        ConflictKind::ReadWrite
    }
}

/// Runs every pair; `beside` makes the second access while the first is open.
fn each_pair(
    beside: impl Fn(&Map, Attempt) -> Option<Conflict> + Copy + 'static,
    expected: fn((&str, AccessKind), (&str, AccessKind)) -> ConflictKind,
) {
    for &(holder, holder_kind, hold) in HOLDERS {
        for &(contender, contender_kind, attempt) in CONTENDERS {
            let pair = format!("{contender} while {holder}");
            let map = filled();
            let seen = Rc::new(Cell::new(None));
            let meanwhile = {
                let (map, seen) = (Arc::clone(&map), Rc::clone(&seen));
                move || seen.set(Some(beside(&map, attempt)))
            };
            hold(&map, Rc::new(meanwhile));
            let conflict = seen.take().expect("the second access was made");
            if (holder_kind, contender_kind) == (Read, Read) {
                assert!(conflict.is_none(), "{pair}: {conflict:?}");
            } else {
                let conflict = conflict.unwrap_or_else(|| panic!("{pair} is caught"));
                let kind = expected((holder, holder_kind), (contender, contender_kind));
                assert_eq!(conflict.kind(), kind, "{pair}");
                assert_eq!(conflict.contender().access.operation.as_str(), contender, "{pair}");
                assert_eq!(conflict.holder().unwrap().access.operation.as_str(), holder, "{pair}");
                assert!(conflict.holder().unwrap().access.site.file().ends_with("map_conflicts.rs"), "{pair}");
            }
            assert!(attempt(&map).is_none(), "{pair}: the gate is open again");
            assert!(map.read().len() >= 3, "{pair}");
        }
    }
}

#[test]
fn each_pair_of_threads() {
    let beside = |map: &Map, attempt: Attempt| thread::scope(|scope| scope.spawn(|| attempt(map)).join().unwrap());
    each_pair(beside, kind_of);
}

#[test]
fn each_pair_on_one_thread() {
    each_pair(|map, attempt| attempt(map), |_, _| ConflictKind::Reentrant);
}

#[test]
fn the_subject_is_the_map() {
    let map = CheckedMap::<u8, u8>::named("inventory");
    let open = map.write();
    let conflict = thread::scope(|scope| scope.spawn(|| map.try_len().unwrap_err()).join().unwrap());
    drop(open);
    assert_eq!(conflict.subject().name(), Some("inventory"));
    assert!(conflict.subject().type_name().contains("CheckedMap<u8, u8>"), "{}", conflict.subject().type_name());
    assert!(conflict.subject().created().file().ends_with("map_conflicts.rs"));
}

#[test]
fn each_way_to_make_a_map_remembers_its_place() {
    use std::hash::RandomState;
    let here = line!();
    let maps: [CheckedMap<u8, u8>; 12] = [
        CheckedMap::new(),
        CheckedMap::with_capacity(1),
        CheckedMap::with_hasher(RandomState::new()),
        CheckedMap::with_capacity_and_hasher(1, RandomState::new()),
        CheckedMap::named("m"),
        CheckedMap::builder().build(),
        CheckedMap::default(),
        CheckedMap::from([(1, 1)]),
        [(1, 1)].into_iter().collect(),
        CheckedMap::from(std::collections::HashMap::new()),
        CheckedMap::new().clone(),
        [(1, 1)].into(),
    ];
    for (map, line) in maps.iter().zip(here + 2..) {
        let open = map.read();
        let created = map.try_clear().unwrap_err().subject().created();
        drop(open);
        // `Iterator::collect` and `Into::into` are std's and name std's lines.
        if created.file().ends_with("map_conflicts.rs") {
            assert_eq!(created.line(), line);
        } else {
            assert!([here + 10, here + 13].contains(&line), "{created} for line {line}");
        }
    }
}
