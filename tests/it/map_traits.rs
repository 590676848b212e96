//! The traits of maps and guards.
// The operators themselves are under test.
#![allow(clippy::nonminimal_bool, clippy::op_ref, clippy::cmp_owned)]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::thread;

use checkedmap::prelude::*;
use checkedmap::{CheckedMap, Mode, Ref, RefMut};

#[test]
fn maps_travel_and_guards_may_be_looked_at_from_elsewhere() {
    fn travels<T: Send + Sync + UnwindSafe + RefUnwindSafe>() {}
    fn shared<T: Sync>() {}
    travels::<CheckedMap<String, u32>>();
    shared::<Ref<'_, str>>();
    shared::<RefMut<'_, u32>>();
}

#[test]
fn a_map_lives_in_a_static() {
    static HITS: CheckedMap<&str, u32, BuildHasherDefault<DefaultHasher>> =
        CheckedMap::with_hasher(BuildHasherDefault::new());
    thread::spawn(|| HITS.insert("/", 1)).join().unwrap();
    assert_eq!(HITS.get("/").copied(), Some(1));
}

#[test]
fn debug_prints_entries_of_a_free_map_and_a_placeholder_for_a_busy_one() {
    let map = CheckedMap::from([("a", 1)]);
    assert_eq!(format!("{map:?}"), r#"{"a": 1}"#);
    let reading = map.get("a");
    assert_eq!(format!("{map:?}"), r#"{"a": 1}"#);
    drop(reading);
    let writing = map.get_mut("a");
    assert_eq!(format!("{map:?}"), "{<busy>}");
    thread::scope(|scope| scope.spawn(|| assert_eq!(format!("{map:?}"), "{<busy>}")).join().unwrap());
    drop(writing);
    assert_eq!(map.get("a").unwrap(), 1);
}

#[test]
fn clones_keep_name_and_mode() {
    let map = CheckedMap::builder().name("stock").mode(Mode::Log).build();
    map.insert("a", 1);
    let clone = map.clone();
    assert_eq!(clone, map);
    assert_eq!((clone.name(), clone.mode()), (Some("stock"), Mode::Log));
    clone.insert("b", 2);
    assert_ne!(clone, map);
    let mut target = CheckedMap::named("other");
    target.clone_from(&clone);
    assert_eq!(target, clone);
    assert_eq!(target.name(), Some("other"));
    assert_eq!(map, map.clone());
}

#[test]
fn conversions() {
    let std_map = HashMap::from([(1, "a")]);
    let map = CheckedMap::from(std_map.clone());
    assert_eq!(*map.read(), std_map);
    assert_eq!(HashMap::from(map.clone()), std_map);
    let mut map: CheckedMap<i32, &str> = map.into_iter().chain([(2, "b")]).collect();
    Extend::extend(&mut map, [(3, "c")]);
    Extend::extend(&mut map, [(&4, &"d")]);
    Extend::extend(&mut &map, [(5, "e")]);
    Extend::extend(&mut &map, [(&6, &"f")]);
    for (_, value) in &mut map {
        *value = "z";
    }
    assert_eq!(map.values().filter(|value| *value == "z").count(), 6);
    for value in map.values_mut() {
        *value = "y";
    }
    for (_, value) in map.iter_mut() {
        assert_eq!(*value, "y");
    }
    let keys: BTreeSet<_> = map.clone().into_keys().collect();
    assert_eq!(keys, BTreeSet::from([1, 2, 3, 4, 5, 6]));
    assert_eq!(map.into_values().count(), 6);
}

#[test]
fn guards_compare_as_references_do() {
    let map = CheckedMap::from([("a", 5), ("b", 7)]);
    let (a, b) = (map.get("a").unwrap(), map.get("b").unwrap());
    assert!(a == 5 && a == &5 && a != b && a < b && a < 6 && a < &6 && &5 == a && &4 < a);
    assert_eq!(a.max(b), 7);
    let names = CheckedMap::from([(1, String::from("ada"))]);
    let name = names.get(&1).unwrap();
    assert!(name == "ada" && name == *"ada" && name == String::from("ada") && "ada" == name);
    assert_eq!(String::from(name), "ada");
    let lists = CheckedMap::from([(1, vec![1, 2])]);
    let list = lists.get(&1).unwrap();
    assert!(list == [1, 2] && list == &[1, 2] && list == vec![1, 2] && list == [1, 2][..]);
    drop(list);
    let list = lists.get_mut(&1).unwrap();
    assert!(list == [1, 2] && list == &[1, 2][..] && list == vec![1, 2]);
}

#[test]
fn guards_calculate_as_references_do() {
    let map = CheckedMap::from([("a", 6), ("b", 2)]);
    let (a, b) = (map.get("a").unwrap(), map.get("b").unwrap());
    assert_eq!((&a + 1, &a - &b, &a * 2, &a / &b, &a % 4, -&a, !&a), (7, 4, 12, 3, 2, -6, !6));
    assert_eq!((1 + &a, 10 - &b, &a & 2, &a | 1, &a ^ &b, &a << 1, &a >> 1), (7, 8, 2, 7, 4, 12, 3));
    let mut total = 0;
    total += &a;
    total += b;
    assert_eq!((total, a + 1), (8, 7));
    assert_eq!((map.values().sum::<i32>(), map.values().product::<i32>()), (8, 12));
    let mut a = map.get_mut("a").unwrap();
    a += 1;
    a *= 2;
    assert_eq!(a, 14);
}

#[test]
fn guards_format_as_references_do() {
    let map = CheckedMap::from([("a", 255)]);
    let a = map.get("a").unwrap();
    assert_eq!(format!("{a} {a:?} {a:>5} {a:#x} {a:X} {a:o} {a:b} {a:e}"), "255 255   255 0xff FF 377 11111111 2.55e2");
    let texts = CheckedMap::from([(1, String::from("x"))]);
    assert_eq!(format!("[{:>3}] {:?}", texts.get(&1).unwrap(), texts.values()), r#"[  x] ["x"]"#);
    assert_eq!(format!("{:?} {:?}", texts.iter(), texts.keys()), r#"[(1, "x")] [1]"#);
    assert_eq!(format!("{:?}", texts.entry(1)), r#"Entry(OccupiedEntry { key: 1, value: "x", .. })"#);
    assert_eq!(format!("{:?}", texts.entry(2)), "Entry(VacantEntry(2))");
}

#[test]
fn guards_are_collected_sorted_and_hashed() {
    let map = CheckedMap::from([("b", 2), ("a", 1), ("c", 2)]);
    let mut pairs: Vec<_> = map.iter().collect();
    pairs.sort();
    assert_eq!(pairs.iter().map(|(name, n)| format!("{name}{n}")).collect::<String>(), "a1b2c2");
    pairs.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    assert_eq!(pairs[0].0, "b");
    drop(pairs);
    assert_eq!(map.values().collect::<HashSet<_>>().len(), 2);
    assert_eq!(map.iter().collect::<BTreeMap<_, _>>().len(), 3);
    let mut names = map.keys().copied().collect::<Vec<_>>();
    names.sort_unstable();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(map.values().cloned().max(), Some(2));
    map.clear();
}

#[test]
fn lent_collections_are_walked() {
    let map = CheckedMap::from([(1, VecDeque::from([1, 2]))]);
    let mut seen = Vec::new();
    for n in map.get(&1).unwrap() {
        seen.push(*n);
    }
    for n in &map.get(&1).unwrap() {
        seen.push(*n);
    }
    for n in &mut map.get_mut(&1).unwrap() {
        *n += 10;
        seen.push(*n);
    }
    assert_eq!(seen, [1, 2, 1, 2, 11, 12]);
    let nested = CheckedMap::from([("x", BTreeMap::from([(1, 'a')]))]);
    for (key, value) in nested.get("x").unwrap() {
        assert_eq!((*key, *value), (1, 'a'));
    }
    let errors = CheckedMap::from([(1, std::fmt::Error)]);
    let _: &dyn std::error::Error = &errors.get(&1).unwrap();
}

#[test]
fn options_of_guards_are_cloned() {
    let map = CheckedMap::from([("a", String::from("x"))]);
    assert_eq!(map.get("a").cloned(), Some(String::from("x")));
    assert_eq!(map.get_mut("a").cloned(), Some(String::from("x")));
    assert_eq!(map.get("b").cloned(), None);
    let numbers = CheckedMap::from([(1, 2)]);
    assert_eq!(numbers.get(&1).copied().unwrap_or(0) + numbers.get_mut(&1).copied().unwrap(), 4);
}

#[test]
fn capacity_follows_the_calls() {
    let map: CheckedMap<u32, u32> = CheckedMap::with_capacity(100);
    assert!(map.capacity() >= 100);
    map.shrink_to(50);
    assert!((50..100).contains(&map.capacity()));
    map.shrink_to_fit();
    assert_eq!(map.capacity(), 0);
    map.reserve(10);
    assert!(map.capacity() >= 10);
    assert!(map.try_reserve(usize::MAX).is_err());
    assert!(map.try_reserve(20).is_ok());
}
