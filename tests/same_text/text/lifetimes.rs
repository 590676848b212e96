// Where a map may live, and how long what it lends: what the borrow checker lets through.

use std::cell::{Cell, RefCell};
use std::hash::BuildHasherDefault;
use std::marker::PhantomData;

use map::*;

type Fixed = BuildHasherDefault<DefaultHasher>;

fn covariance<'long: 'short, 'short>() {
    type Map<'a> = HashMap<&'a str, &'a str, PhantomData<&'a str>>;
    let _: fn(Map<'long>) -> Map<'short> = |map| map;
    let _: fn(&'long Map<'long>) -> &'short Map<'short> = |map| map;
    let _: fn(Iter<'long, &'long str, &'long str>) -> Iter<'short, &'short str, &'short str> = |iter| iter;
    let _: fn(Keys<'long, &'long str, &'long str>) -> Keys<'short, &'short str, &'short str> = |iter| iter;
    let _: fn(Values<'long, &'long str, &'long str>) -> Values<'short, &'short str, &'short str> = |iter| iter;
    let _: fn(Drain<'long, &'long str, &'long str>) -> Drain<'short, &'short str, &'short str> = |iter| iter;
    let _: fn(IntoIter<&'long str, &'long str>) -> IntoIter<&'short str, &'short str> = |iter| iter;
    let _: fn(IntoKeys<&'long str, &'long str>) -> IntoKeys<&'short str, &'short str> = |iter| iter;
    let _: fn(IntoValues<&'long str, &'long str>) -> IntoValues<&'short str, &'short str> = |iter| iter;
    let _: fn(IterMut<'long, &'long str, u8>) -> IterMut<'short, &'short str, u8> = |iter| iter;
    let _: fn(ValuesMut<'long, &'long str, u8>) -> ValuesMut<'short, &'short str, u8> = |iter| iter;
    let _: fn(Entry<'long, u8, u8>) -> Entry<'short, u8, u8> = |entry| entry;
}

#[test]
fn every_type_is_as_covariant() {
    covariance();
}

static EMPTY: HashMap<u32, u32, Fixed> = HashMap::with_hasher(Fixed::new());
const CONST: HashMap<u32, u32, Fixed> = HashMap::with_hasher(Fixed::new());
thread_local!(static LOCAL: RefCell<HashMap<u32, u32, Fixed>> = const { RefCell::new(HashMap::with_hasher(Fixed::new())) });

#[test]
fn constant_maps() {
    assert_eq!(EMPTY.get(&1), None);
    let mut map = CONST;
    map.insert(1, 2);
    assert!(CONST.is_empty());
    let many = [const { HashMap::<u32, u32, Fixed>::with_hasher(Fixed::new()) }; 3];
    assert!(many.iter().all(HashMap::is_empty));
    LOCAL.with_borrow_mut(|local| local.insert(3, 4));
    assert_eq!(LOCAL.take().len(), 1);
}

#[test]
fn a_map_may_outlive_what_it_refers_to_if_only_its_drop_comes_later() {
    let mut map: HashMap<&str, &str> = HashMap::new();
    let mut owned: IntoIter<&str, &str> = IntoIter::default();
    let mut keys = IntoKeys::<&str, &str>::default();
    let text = String::from("gone before the map");
    map.insert(&text, &text);
    let other = map.clone();
    owned.clone_from_iter(other.clone());
    keys.clone_from_iter(other);
}

trait CloneFromIter<K, V> {
    fn clone_from_iter(&mut self, map: HashMap<K, V>);
}

impl<K, V> CloneFromIter<K, V> for IntoIter<K, V> {
    fn clone_from_iter(&mut self, map: HashMap<K, V>) {
        *self = map.into_iter();
    }
}

impl<K, V> CloneFromIter<K, V> for IntoKeys<K, V> {
    fn clone_from_iter(&mut self, map: HashMap<K, V>) {
        *self = map.into_keys();
    }
}

struct Cyclic<'a>(HashMap<u8, Cell<Option<&'a Cyclic<'a>>>>);

#[test]
fn a_map_may_hold_references_to_its_own_owner() {
    let owner = Cyclic(HashMap::from([(1, Cell::new(None))]));
    owner.0[&1].set(Some(&owner));
    assert!(owner.0[&1].get().is_some());
}

#[test]
fn borrows_end_with_their_last_use() {
    let mut map = HashMap::from([(1, 1)]);
    let mut iter = map.iter();
    iter.next();
    map.insert(2, 2);
    let mut iter = map.iter_mut();
    iter.next();
    map.insert(3, 3);
    let keys = map.keys();
    let values = keys.len();
    map.insert(4, values);
    let mut values = map.values_mut();
    values.next();
    map.insert(5, 5);
    let mut extract = map.extract_if(|_, _| false);
    extract.next();
    map.insert(6, 6);
    let entry = map.entry(6);
    assert_eq!(entry.key(), &6);
    map.insert(7, 7);
    let Entry::Occupied(mut entry) = map.entry(7) else { panic!() };
    *entry.get_mut() += 1;
    map.insert(8, 8);
    let value = map.get_mut(&8).unwrap();
    *value += 1;
    assert_eq!(map.len(), 8);
    let length = map.len();
    map.insert(length, map.len());
    map.insert(map.len() + 1, 0);
}

#[test]
fn references_live_as_long_as_the_borrow() {
    let mut map = HashMap::from([(1, vec![1]), (2, vec![2])]);
    let all: Vec<(&i32, &mut Vec<i32>)> = map.iter_mut().collect();
    for (_, list) in all {
        list.push(0);
    }
    fn first(map: &mut HashMap<i32, Vec<i32>>) -> &mut Vec<i32> {
        match map.entry(9) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Vec::new()),
        }
    }
    first(&mut map).push(5);
    let [one, nine] = map.get_disjoint_mut([&1, &9]);
    std::mem::swap(one.unwrap(), nine.unwrap());
    let (keys, values): (Vec<&i32>, Vec<&Vec<i32>>) = map.iter().unzip();
    assert_eq!((keys.len(), values.len()), (3, 3));
    assert_eq!((&map[&1], &map[&9]), (&vec![5], &vec![1, 0]));
}

#[test]
fn maps_cross_threads_and_are_shared_between_them() {
    let map: HashMap<u32, String> = (0..64).map(|i| (i, i.to_string())).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let iter = map.iter();
                assert_eq!(iter.clone().count(), 64);
                assert!({ iter }.all(|(k, v)| v.parse() == Ok(*k)));
            });
        }
    });
    let mut map = std::thread::spawn(move || map).join().unwrap();
    let entry = map.entry(3);
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(entry.key(), &3));
        assert_eq!(entry.key(), &3);
    });
    std::thread::scope(|scope| {
        let mut iter = map.iter_mut();
        scope.spawn(move || iter.next().unwrap().1.clear());
    });
    assert_eq!(map.values().filter(|value| value.is_empty()).count(), 1);
}
