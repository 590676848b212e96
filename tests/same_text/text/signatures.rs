// Every method, by the type of its function: what the compiler proves.

use std::borrow::Borrow;
use std::collections::TryReserveError;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::ops::Index;
use std::rc::Rc;

use map::*;

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

fn hashers() {
    let _: fn() -> RandomState = RandomState::new;
    let _: fn() -> DefaultHasher = DefaultHasher::new;
    fn same<T>(_: PhantomData<T>, _: PhantomData<T>) {}
    same(PhantomData::<RandomState>, PhantomData::<std::collections::hash_map::RandomState>);
    same(PhantomData::<DefaultHasher>, PhantomData::<std::hash::DefaultHasher>);
}

#[test]
fn every_signature_is_there() {
    signatures_without_bounds::<Rc<()>, Rc<()>, ()>();
    signatures_by_key::<String, Rc<()>, RandomState, str>();
    signatures_of_entries::<Rc<()>, Rc<()>>();
    signature_of_or_default::<Rc<()>, u8>();
    hashers();
}
