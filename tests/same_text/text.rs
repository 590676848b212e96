// Included twice, each time beside a `map` that stands for the module under test.

use std::borrow::Borrow;
use std::cell::{Cell, RefCell};
use std::collections::TryReserveError;
use std::fmt::{self, Debug};
use std::hash::{BuildHasher, BuildHasherDefault, Hash};
use std::iter::FusedIterator;
use std::marker::{PhantomData, PhantomPinned};
use std::ops::Index;
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::MutexGuard;

use map::*;

type Fixed = BuildHasherDefault<DefaultHasher>;

// What the compiler proves.

#[allow(clippy::type_complexity)]
fn signatures_without_bounds<K, V, S>() {
    let _: fn() -> HashMap<K, V> = HashMap::new;
    let _: fn(usize) -> HashMap<K, V> = HashMap::with_capacity;
    let _: fn(S) -> HashMap<K, V, S> = HashMap::with_hasher;
    let _: fn(usize, S) -> HashMap<K, V, S> = HashMap::with_capacity_and_hasher;
    let _: fn(&HashMap<K, V, S>) -> usize = HashMap::capacity;
    let _: for<'a> fn(&'a HashMap<K, V, S>) -> Keys<'a, K, V> = HashMap::keys;
    let _: for<'a> fn(&'a HashMap<K, V, S>) -> Values<'a, K, V> = HashMap::values;
    let _: for<'a> fn(&'a mut HashMap<K, V, S>) -> ValuesMut<'a, K, V> = HashMap::values_mut;
    let _: for<'a> fn(&'a HashMap<K, V, S>) -> Iter<'a, K, V> = HashMap::iter;
    let _: for<'a> fn(&'a mut HashMap<K, V, S>) -> IterMut<'a, K, V> = HashMap::iter_mut;
    let _: fn(&HashMap<K, V, S>) -> usize = HashMap::len;
    let _: fn(&HashMap<K, V, S>) -> bool = HashMap::is_empty;
    let _: for<'a> fn(&'a mut HashMap<K, V, S>) -> Drain<'a, K, V> = HashMap::drain;
    let _: fn(&mut HashMap<K, V, S>) = HashMap::clear;
    let _: for<'a> fn(&'a HashMap<K, V, S>) -> &'a S = HashMap::hasher;
    let _: fn(HashMap<K, V, S>) -> IntoKeys<K, V> = HashMap::into_keys;
    let _: fn(HashMap<K, V, S>) -> IntoValues<K, V> = HashMap::into_values;
    let _: fn(HashMap<K, V, S>) -> IntoIter<K, V> = IntoIterator::into_iter;
    type Predicate<K, V> = fn(&K, &mut V) -> bool;
    let _: for<'a> fn(&'a mut HashMap<K, V, S>, Predicate<K, V>) -> ExtractIf<'a, K, V, Predicate<K, V>> =
        HashMap::extract_if::<Predicate<K, V>>;
    let _: fn(&mut HashMap<K, V, S>, Predicate<K, V>) = HashMap::retain::<Predicate<K, V>>;
}

#[allow(clippy::type_complexity)]
fn signatures_by_key<K, V, S, Q>()
where
    K: Eq + Hash + Borrow<Q>,
    S: BuildHasher,
    Q: Eq + Hash + ?Sized,
{
    let _: fn(&mut HashMap<K, V, S>, usize) = HashMap::reserve;
    let _: fn(&mut HashMap<K, V, S>, usize) -> Result<(), TryReserveError> = HashMap::try_reserve;
    let _: fn(&mut HashMap<K, V, S>) = HashMap::shrink_to_fit;
    let _: fn(&mut HashMap<K, V, S>, usize) = HashMap::shrink_to;
    let _: for<'a> fn(&'a mut HashMap<K, V, S>, K) -> Entry<'a, K, V> = HashMap::entry;
    let _: for<'a> fn(&'a HashMap<K, V, S>, &Q) -> Option<&'a V> = HashMap::get::<Q>;
    let _: for<'a> fn(&'a HashMap<K, V, S>, &Q) -> Option<(&'a K, &'a V)> = HashMap::get_key_value::<Q>;
    let _: for<'a> fn(&'a mut HashMap<K, V, S>, [&Q; 3]) -> [Option<&'a mut V>; 3] = HashMap::get_disjoint_mut::<Q, 3>;
    let _: for<'a> unsafe fn(&'a mut HashMap<K, V, S>, [&Q; 3]) -> [Option<&'a mut V>; 3] =
        HashMap::get_disjoint_unchecked_mut::<Q, 3>;
    let _: fn(&HashMap<K, V, S>, &Q) -> bool = HashMap::contains_key::<Q>;
    let _: for<'a> fn(&'a mut HashMap<K, V, S>, &Q) -> Option<&'a mut V> = HashMap::get_mut::<Q>;
    let _: fn(&mut HashMap<K, V, S>, K, V) -> Option<V> = HashMap::insert;
    let _: fn(&mut HashMap<K, V, S>, &Q) -> Option<V> = HashMap::remove::<Q>;
    let _: fn(&mut HashMap<K, V, S>, &Q) -> Option<(K, V)> = HashMap::remove_entry::<Q>;
    fn indexes<T: for<'q> Index<&'q Q, Output = V>, Q: ?Sized, V>() {}
    indexes::<HashMap<K, V, S>, Q, V>();
}

#[allow(clippy::type_complexity)]
fn signatures_of_entries<'a, K: 'a, V: 'a>() {
    let _: fn(Entry<'a, K, V>, V) -> &'a mut V = Entry::or_insert;
    let _: fn(Entry<'a, K, V>, fn() -> V) -> &'a mut V = Entry::or_insert_with::<fn() -> V>;
    let _: fn(Entry<'a, K, V>, fn(&K) -> V) -> &'a mut V = Entry::or_insert_with_key::<fn(&K) -> V>;
    let _: for<'e> fn(&'e Entry<'a, K, V>) -> &'e K = Entry::key;
    let _: fn(Entry<'a, K, V>, fn(&mut V)) -> Entry<'a, K, V> = Entry::and_modify::<fn(&mut V)>;
    let _: fn(Entry<'a, K, V>, V) -> OccupiedEntry<'a, K, V> = Entry::insert_entry;
    let _: fn(OccupiedEntry<'a, K, V>) -> Entry<'a, K, V> = Entry::Occupied;
    let _: fn(VacantEntry<'a, K, V>) -> Entry<'a, K, V> = Entry::Vacant;
    let _: for<'e> fn(&'e OccupiedEntry<'a, K, V>) -> &'e K = OccupiedEntry::key;
    let _: fn(OccupiedEntry<'a, K, V>) -> (K, V) = OccupiedEntry::remove_entry;
    let _: for<'e> fn(&'e OccupiedEntry<'a, K, V>) -> &'e V = OccupiedEntry::get;
    let _: for<'e> fn(&'e mut OccupiedEntry<'a, K, V>) -> &'e mut V = OccupiedEntry::get_mut;
    let _: fn(OccupiedEntry<'a, K, V>) -> &'a mut V = OccupiedEntry::into_mut;
    let _: fn(&mut OccupiedEntry<'a, K, V>, V) -> V = OccupiedEntry::insert;
    let _: fn(OccupiedEntry<'a, K, V>) -> V = OccupiedEntry::remove;
    let _: for<'e> fn(&'e VacantEntry<'a, K, V>) -> &'e K = VacantEntry::key;
    let _: fn(VacantEntry<'a, K, V>) -> K = VacantEntry::into_key;
    let _: fn(VacantEntry<'a, K, V>, V) -> &'a mut V = VacantEntry::insert;
    let _: fn(VacantEntry<'a, K, V>, V) -> OccupiedEntry<'a, K, V> = VacantEntry::insert_entry;
}

fn signature_of_or_default<'a, K: 'a, V: Default + 'a>() {
    let _: fn(Entry<'a, K, V>) -> &'a mut V = Entry::or_default;
}

fn is<T>() {}
fn clones<T: Clone>() {}
fn prints<T: Debug>() {}
fn defaults<T: Default>() {}
fn walks<I: ExactSizeIterator<Item = T> + FusedIterator, T>() {}

fn traits_without_bounds<'a, K: 'a, V: 'a, S: 'a>() {
    walks::<Iter<'a, K, V>, (&'a K, &'a V)>();
    walks::<IterMut<'a, K, V>, (&'a K, &'a mut V)>();
    walks::<IntoIter<K, V>, (K, V)>();
    walks::<Keys<'a, K, V>, &'a K>();
    walks::<Values<'a, K, V>, &'a V>();
    walks::<ValuesMut<'a, K, V>, &'a mut V>();
    walks::<IntoKeys<K, V>, K>();
    walks::<IntoValues<K, V>, V>();
    walks::<Drain<'a, K, V>, (K, V)>();
    clones::<Iter<'a, K, V>>();
    clones::<Keys<'a, K, V>>();
    clones::<Values<'a, K, V>>();
    defaults::<Iter<'a, K, V>>();
    defaults::<IterMut<'a, K, V>>();
    defaults::<IntoIter<K, V>>();
    defaults::<Keys<'a, K, V>>();
    defaults::<Values<'a, K, V>>();
    defaults::<ValuesMut<'a, K, V>>();
    defaults::<IntoKeys<K, V>>();
    defaults::<IntoValues<K, V>>();
    fn iterable<I: IntoIterator<Item = T, IntoIter = W>, T, W: Iterator<Item = T>>() {}
    iterable::<HashMap<K, V, S>, _, IntoIter<K, V>>();
    iterable::<&'a HashMap<K, V, S>, _, Iter<'a, K, V>>();
    iterable::<&'a mut HashMap<K, V, S>, _, IterMut<'a, K, V>>();
    is::<HashMap<K, V>>();
    is::<ExtractIf<'a, K, V, ()>>();
}

fn extracts<'a, K: 'a, V: 'a, F: FnMut(&K, &mut V) -> bool>() {
    fn picks<I: FusedIterator<Item = T>, T>() {}
    picks::<ExtractIf<'a, K, V, F>, (K, V)>();
}

fn default_needs_the_hasher_s<K, V, S: Default>() {
    defaults::<HashMap<K, V, S>>();
}

fn clone_needs_all_three<K: Clone, V: Clone, S: Clone>() {
    clones::<HashMap<K, V, S>>();
}

fn debug_needs_what_it_prints<'a, K: Debug + 'a, V: Debug + 'a, S, F, Silent: 'a>() {
    prints::<HashMap<K, V, S>>();
    prints::<Iter<'a, K, V>>();
    prints::<IterMut<'a, K, V>>();
    prints::<IntoIter<K, V>>();
    prints::<Keys<'a, K, Silent>>();
    prints::<Values<'a, Silent, V>>();
    prints::<ValuesMut<'a, Silent, V>>();
    prints::<IntoKeys<K, Silent>>();
    prints::<IntoValues<Silent, V>>();
    prints::<Drain<'a, K, V>>();
    prints::<ExtractIf<'a, K, V, F>>();
    prints::<Entry<'a, K, V>>();
    prints::<OccupiedEntry<'a, K, V>>();
    prints::<VacantEntry<'a, K, Silent>>();
}

fn equality<K: Eq + Hash, P: PartialEq, E: Eq, S: BuildHasher>() {
    fn partial<T: PartialEq>() {}
    fn total<T: Eq>() {}
    partial::<HashMap<K, P, S>>();
    total::<HashMap<K, E, S>>();
}

fn collecting<'a, K, V, C, D, S, T>()
where
    K: Eq + Hash,
    C: Eq + Hash + Copy + 'a,
    D: Copy + 'a,
    S: BuildHasher,
    T: BuildHasher + Default,
{
    fn extends<E: Extend<I>, I>() {}
    extends::<HashMap<K, V, S>, (K, V)>();
    extends::<HashMap<C, D, S>, (&'a C, &'a D)>();
    fn collects<E: FromIterator<I>, I>() {}
    collects::<HashMap<K, V, T>, (K, V)>();
    fn converts<E: From<I>, I>() {}
    converts::<HashMap<K, V>, [(K, V); 5]>();
}

fn hashers() {
    let _: fn() -> RandomState = RandomState::new;
    let _: fn() -> DefaultHasher = DefaultHasher::new;
    fn same<T>(_: PhantomData<T>, _: PhantomData<T>) {}
    same(PhantomData::<RandomState>, PhantomData::<std::collections::hash_map::RandomState>);
    same(PhantomData::<DefaultHasher>, PhantomData::<std::hash::DefaultHasher>);
}

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
fn every_signature_is_there() {
    signatures_without_bounds::<Rc<()>, Rc<()>, ()>();
    signatures_by_key::<String, Rc<()>, RandomState, str>();
    signatures_of_entries::<Rc<()>, Rc<()>>();
    signature_of_or_default::<Rc<()>, u8>();
    traits_without_bounds::<Rc<()>, Rc<()>, ()>();
    extracts::<u8, u8, fn(&u8, &mut u8) -> bool>();
    default_needs_the_hasher_s::<Rc<()>, Rc<()>, u8>();
    clone_needs_all_three::<u8, u8, u8>();
    debug_needs_what_it_prints::<u8, u8, (), (), fmt::Arguments<'static>>();
    equality::<u8, f32, u8, RandomState>();
    collecting::<String, Rc<()>, u8, u8, RandomState, RandomState>();
    hashers();
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

// What both must have in common, observed.

macro_rules! implements {
    ($type:ty: $($bound:tt)+) => {{
        #[allow(dead_code)]
        trait Otherwise {
            const YES: bool = false;
        }
        impl<T: ?Sized> Otherwise for T {}
        struct Probe<T: ?Sized>(#[allow(dead_code)] PhantomData<T>);
        #[allow(dead_code)]
        impl<T: ?Sized + $($bound)+> Probe<T> {
            const YES: bool = true;
        }
        <Probe<$type>>::YES
    }};
}

macro_rules! auto_traits_of {
    ($out:ident: $($type:ty),* $(,)?) => {
        $($out.push((
            stringify!($type).to_owned(),
            implements!($type: Send),
            implements!($type: Sync),
            implements!($type: Unpin),
            implements!($type: UnwindSafe),
            implements!($type: RefUnwindSafe),
            implements!($type: Copy),
            implements!($type: Clone),
        ));)*
    };
}

type Line = (String, bool, bool, bool, bool, bool, bool, bool);

macro_rules! auto_traits_by {
    ($out:ident: $(($key:ty, $value:ty))*) => {
        $(
            auto_traits_of! { $out:
                HashMap<$key, $value>, HashMap<$key, u8, $value>, Iter<'static, $key, $value>,
                IterMut<'static, $key, $value>, IntoIter<$key, $value>, Keys<'static, $key, $value>,
                Values<'static, $key, $value>, ValuesMut<'static, $key, $value>, IntoKeys<$key, $value>,
                IntoValues<$key, $value>, Drain<'static, $key, $value>, ExtractIf<'static, $key, $value, u8>,
                ExtractIf<'static, u8, $key, $value>, Entry<'static, $key, $value>,
                OccupiedEntry<'static, $key, $value>, VacantEntry<'static, $key, $value>,
            }
        )*
    };
}

macro_rules! auto_traits_over {
    ($out:ident: $($type:ty),*) => {
        auto_traits_by! { $out: $(($type, u8) (u8, $type) ($type, $type))* }
    };
}

pub(super) fn auto_traits() -> Vec<Line> {
    let mut out = Vec::new();
    auto_traits_over! { out:
        u8, String, Cell<u8>, Rc<u8>, MutexGuard<'static, u8>, &'static mut u8, PhantomPinned, *mut u8,
        AssertUnwindSafe<Rc<u8>>, &'static Cell<u8>, RandomState
    }
    out
}

pub(super) fn drop_glue() -> Vec<(&'static str, bool)> {
    let mut out = Vec::new();
    macro_rules! glue {
        ($($type:ty),* $(,)?) => { $(out.push((stringify!($type), std::mem::needs_drop::<$type>()));)* };
    }
    macro_rules! glue_by {
        ($($key:ty, $value:ty;)*) => {
            $(glue! {
                HashMap<$key, $value>, Iter<'static, $key, $value>, IterMut<'static, $key, $value>,
                IntoIter<$key, $value>, Keys<'static, $key, $value>, Values<'static, $key, $value>,
                ValuesMut<'static, $key, $value>, IntoKeys<$key, $value>, IntoValues<$key, $value>,
                Drain<'static, $key, $value>, ExtractIf<'static, $key, $value, u8>,
                ExtractIf<'static, u8, $key, $value>, Entry<'static, $key, $value>,
                OccupiedEntry<'static, $key, $value>, VacantEntry<'static, $key, $value>,
            })*
        };
    }
    glue_by! { u8, u8; String, u8; u8, String; String, String; }
    out
}

pub(super) fn debug_texts() -> Vec<String> {
    let mut out = Vec::new();
    let mut map = HashMap::from([("key", 7)]);
    macro_rules! show {
        ($($value:expr),* $(,)?) => { $(out.push(match $value { value => format!("{value:?} {value:#?}") });)* };
    }
    show! { &map, &HashMap::<u8, u8>::new() }
    show! { map.iter(), map.keys(), map.values(), map.iter_mut(), map.values_mut() }
    show! { map.clone().into_iter(), map.clone().into_keys(), map.clone().into_values() }
    show! { map.clone().drain(), map.clone().extract_if(|_, _| true) }
    show! { map.entry("key"), map.entry("absent") }
    if let Entry::Occupied(entry) = map.entry("key") {
        show! { entry }
    }
    if let Entry::Vacant(entry) = map.entry("absent") {
        show! { entry }
    }
    show! { Iter::<u8, u8>::default(), IterMut::<u8, u8>::default(), IntoIter::<u8, u8>::default() }
    let mut iter = map.iter_mut();
    iter.next();
    show! { iter }
    let mut iter = map.clone().into_iter();
    iter.next();
    show! { iter }
    let mut copy = map.clone();
    let mut iter = copy.drain();
    iter.next();
    show! { iter }
    out
}

fn panic_text<R>(run: impl FnOnce() -> R) -> Option<String> {
    let panic = catch_unwind(AssertUnwindSafe(run)).err()?;
    Some(match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast_ref::<&str>().unwrap()).to_owned(),
    })
}

pub(super) fn panic_texts() -> Vec<Option<String>> {
    let mut map = HashMap::from([(1, 1), (2, 2)]);
    vec![
        panic_text(|| map[&3]),
        panic_text(|| HashMap::<u8, u8>::new()[&3]),
        panic_text(|| map.get_disjoint_mut([&1, &2, &1]).len()),
        panic_text(|| map.get_disjoint_mut([&1, &2, &3]).len()),
        panic_text(|| map.reserve(usize::MAX)),
        panic_text(|| HashMap::<u64, u64>::with_capacity(usize::MAX)),
    ]
}

pub(super) fn capacities() -> Vec<usize> {
    let mut out = Vec::new();
    let mut map = HashMap::<u32, u32, Fixed>::default();
    out.push(map.capacity());
    for n in [0, 1, 3, 4, 14, 15, 100, 1000] {
        out.push(HashMap::<u32, u32>::with_capacity(n).capacity());
        map.reserve(n);
        out.push(map.capacity());
    }
    for n in 0..300 {
        map.insert(n, n);
        out.push(map.capacity());
    }
    map.shrink_to(400);
    out.push(map.capacity());
    map.retain(|k, _| k % 8 == 0);
    out.push(map.capacity());
    map.shrink_to_fit();
    out.push(map.capacity());
    out.push(map.clone().capacity());
    out.push(map.drain().count());
    out.push(map.capacity());
    drop(map.drain());
    map.clear();
    out.push(map.capacity());
    map.extend((0..50).map(|n| (n, n)));
    out.push(map.capacity());
    map.extend((0..50).map(|n| (n, n)));
    out.push(map.capacity());
    map.clone_from(&HashMap::from_iter([(1, 1)]));
    out.push(map.capacity());
    map.shrink_to_fit();
    map.entry(7).or_default();
    out.push(map.capacity());
    _ = map.entry(8);
    out.push(map.capacity());
    map.clear();
    map.shrink_to_fit();
    out.push(map.capacity());
    out.push((0..20).map(|n| (n, n)).collect::<HashMap<u32, u32>>().capacity());
    out.push(
        std::iter::from_fn({
            let mut n = 0;
            move || {
                (n < 20).then(|| {
                    n += 1;
                    (n, n)
                })
            }
        })
        .collect::<HashMap<u32, u32>>()
        .capacity(),
    );
    out
}

pub(super) fn reserve_errors() -> Vec<Option<String>> {
    let mut map = HashMap::from([(1_u64, [0_u64; 8])]);
    let mut error = |additional| map.try_reserve(additional).err().map(|error: TryReserveError| error.to_string());
    vec![error(0), error(100), error(usize::MAX), error(usize::MAX / 16), error(usize::MAX / 512)]
}

thread_local!(static DROPS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) });

#[derive(Debug)]
struct Tracked(&'static str);

impl Drop for Tracked {
    fn drop(&mut self) {
        DROPS.with_borrow_mut(|drops| drops.push(self.0));
    }
}

impl PartialEq for Tracked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Tracked {}

impl Hash for Tracked {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

fn drops_of(run: impl FnOnce(&mut HashMap<Tracked, Tracked>)) -> Vec<&'static str> {
    let mut map = HashMap::from([(Tracked("key"), Tracked("value"))]);
    run(&mut map);
    DROPS.with_borrow_mut(|drops| drops.push("call over"));
    drop(map);
    DROPS.take()
}

pub(super) fn drop_orders() -> Vec<Vec<&'static str>> {
    vec![
        drops_of(|_| {}),
        drops_of(|map| drop(map.insert(Tracked("new key"), Tracked("new value")))),
        drops_of(|map| drop(map.remove(&Tracked("asked for")))),
        drops_of(|map| drop(map.remove_entry(&Tracked("asked for")))),
        drops_of(|map| _ = map.entry(Tracked("new key")).or_insert(Tracked("new value"))),
        drops_of(|map| _ = map.entry(Tracked("new key")).insert_entry(Tracked("new value"))),
        drops_of(|map| drop(map.entry(Tracked("new key")))),
        drops_of(|map| map.clear()),
        drops_of(|map| map.retain(|_, _| false)),
        drops_of(|map| drop(map.drain())),
        drops_of(|map| drop(map.drain().next())),
        drops_of(|map| drop(map.extract_if(|_, _| true).next())),
        drops_of(|map| std::mem::forget(map.drain())),
        drops_of(|map| *map = HashMap::new()),
        drops_of(|map| drop(std::mem::take(map).into_iter())),
        drops_of(|map| drop(std::mem::take(map).into_keys().next())),
        drops_of(|map| drop(std::mem::take(map).into_values().next())),
    ]
}

// What it does.

#[test]
fn lookups() {
    let mut map: HashMap<String, i32> = HashMap::new();
    assert!(map.get("a").is_none() && map.get_mut("a").is_none() && map.remove("a").is_none());
    assert_eq!(map.insert("a".to_owned(), 1), None);
    assert_eq!(map.insert("a".to_owned(), 2), Some(1));
    assert_eq!(map.get("a"), Some(&2));
    assert_eq!(map.get_key_value("a"), Some((&"a".to_owned(), &2)));
    assert!(map.contains_key("a") && !map.contains_key("b"));
    *map.get_mut("a").unwrap() += 1;
    assert_eq!(map["a"], 3);
    assert_eq!(map.remove_entry("a"), Some(("a".to_owned(), 3)));
    assert!(map.is_empty());
    assert_eq!(map.remove_entry("a"), None);
}

#[test]
fn entries() {
    let mut map: HashMap<&str, Vec<u32>> = HashMap::new();
    map.entry("a").or_default().push(1);
    map.entry("a").or_insert(vec![9]).push(2);
    map.entry("b").or_insert_with(|| vec![3]).push(4);
    map.entry("cc").or_insert_with_key(|key| vec![key.len() as u32]);
    map.entry("a").and_modify(|list| list.push(5)).or_default();
    assert_eq!((&map["a"], &map["b"], &map["cc"]), (&vec![1, 2, 5], &vec![3, 4], &vec![2]));
    let Entry::Occupied(mut entry) = map.entry("a") else { panic!() };
    assert_eq!(entry.insert(vec![6]), [1, 2, 5]);
    assert_eq!((entry.key(), entry.get()), (&"a", &vec![6]));
    assert_eq!(entry.remove_entry(), ("a", vec![6]));
    let Entry::Vacant(entry) = map.entry("a") else { panic!() };
    assert_eq!(entry.into_key(), "a");
    assert_eq!(map.entry("a").insert_entry(vec![7]).get(), &[7]);
    assert_eq!(map.entry("a").insert_entry(vec![8]).remove(), [8]);
    assert_eq!(map.len(), 2);
}

#[test]
fn walking_and_emptying() {
    let mut map: HashMap<u32, u32> = (0..100).map(|n| (n, n)).collect();
    assert_eq!(map.iter().len(), 100);
    assert_eq!(map.keys().sum::<u32>(), 4950);
    map.values_mut().for_each(|value| *value *= 2);
    for (key, value) in &mut map {
        *value += key;
    }
    assert_eq!(map.values().copied().max(), Some(297));
    let mut iter = map.iter();
    for left in (0..100).rev() {
        assert!(iter.next().is_some());
        assert_eq!(iter.size_hint(), (left, Some(left)));
    }
    assert_eq!((iter.next(), iter.next()), (None, None));
    map.retain(|key, value| {
        *value = 1;
        key % 2 == 0
    });
    assert_eq!((map.len(), map.values().sum::<u32>()), (50, 50));
    let mut extract = map.extract_if(|key, _| key % 4 == 0);
    assert_eq!(extract.size_hint(), (0, Some(50)));
    assert!(extract.next().is_some());
    let rest = extract.count();
    assert_eq!((rest, map.len()), (24, 25));
    let mut drain = map.drain();
    assert_eq!(drain.len(), 25);
    drain.next();
    drop(drain);
    assert!(map.is_empty());
    map.insert(1, 1);
    std::mem::forget(map.drain());
    assert!(map.is_empty());
    map.insert(2, 2);
    assert_eq!(map.into_iter().collect::<Vec<_>>(), [(2, 2)]);
}

#[test]
fn comparing_and_cloning() {
    let map = HashMap::from([(1, "a"), (2, "b")]);
    let mut other = map.clone();
    assert!(map == other && map == map);
    other.insert(1, "c");
    assert!(map != other);
    other.clone_from(&map);
    assert_eq!(map, other);
    other.remove(&1);
    assert_ne!(map, other);
    assert_eq!(HashMap::<u8, u8>::new(), HashMap::with_capacity(10));
    assert_ne!(HashMap::new(), map);
    let nan = HashMap::from([(1, f32::NAN)]);
    #[allow(clippy::eq_op)]
    let reflexive = nan == nan;
    assert!(!reflexive);
    other.extend(&map);
    other.extend([(7, "d")]);
    assert_eq!(other.len(), 3);
}

#[test]
fn zero_sized_entries() {
    let mut map = HashMap::new();
    assert_eq!(map.insert((), ()), None);
    assert_eq!(map.insert((), ()), Some(()));
    assert_eq!(map.iter().count(), 1);
    assert_eq!(map.drain().collect::<Vec<_>>(), [((), ())]);
    assert_eq!(map.entry(()).or_insert(()), &mut ());
    assert_eq!(map.extract_if(|(), ()| true).count(), 1);
    assert!(map.into_iter().next().is_none());
}
