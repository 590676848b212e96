//! std's traits for the map.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::ops::Index;

use super::{HashMap, Iter, IterMut, RandomState};
use crate::access::{Access, Operation};

/// A read of the map that is cloned.
impl<K, V, S> Clone for HashMap<K, V, S>
where
    K: Clone,
    V: Clone,
    S: Clone,
{
    #[inline]
    #[track_caller]
    fn clone(&self) -> Self {
        let hash_builder = self.hash_builder.clone();
        match self.core() {
            None => Self::with_hasher(hash_builder),
            Some(core) => {
                let table = core.read(Access::here(Operation::Clone)).clone();
                Self::with_table(table, hash_builder)
            }
        }
    }

    /// A read of `source`, then a write of this map. What it held is dropped afterwards, and where a clone panics it is still
    /// there.
    #[inline]
    #[track_caller]
    fn clone_from(&mut self, source: &Self) {
        let hash_builder = source.hash_builder.clone();
        let table = source.core().map(|core| core.read(Access::here(Operation::Clone)).clone()).unwrap_or_default();
        let mut writing = self.core_or_init().write(Access::here(Operation::CloneFrom));
        let old_table = std::mem::replace(&mut *writing, table);
        drop(writing);
        let old_hash_builder = std::mem::replace(&mut self.hash_builder, hash_builder);
        drop((old_table, old_hash_builder));
    }
}

/// A read of both maps.
impl<K, V, S> PartialEq for HashMap<K, V, S>
where
    K: Eq + Hash,
    V: PartialEq,
    S: BuildHasher,
{
    #[track_caller]
    fn eq(&self, other: &Self) -> bool {
        let access = Access::here(Operation::Eq);
        let (Some(ours), Some(theirs)) = (self.core(), other.core()) else {
            return self.len_as(access) == other.len_as(access);
        };
        let (ours, theirs) = (ours.read(access), theirs.read(access));
        let equal = |(key, value): &(K, V)| {
            let there = theirs.find(other.hash_builder.hash_one(key), |(their_key, _)| key == their_key);
            there.is_some_and(|(_, their_value)| *value == *their_value)
        };
        ours.len() == theirs.len() && ours.iter().all(equal)
    }
}

impl<K, V, S> Eq for HashMap<K, V, S>
where
    K: Eq + Hash,
    V: Eq,
    S: BuildHasher,
{
}

/// A read of the map.
impl<K, V, S> fmt::Debug for HashMap<K, V, S>
where
    K: fmt::Debug,
    V: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The formatting machinery calls through a function pointer, which knows no caller.
        let access = Access::new(Operation::Debug, self.body.created());
        let reading = self.core().map(|core| core.read(access));
        let entries = reading.iter().flat_map(|table| table.iter());
        f.debug_map().entries(entries.map(|(key, value)| (key, value))).finish()
    }
}

impl<K, V, S> Default for HashMap<K, V, S>
where
    S: Default,
{
    /// An empty map. It allocates nothing.
    #[inline]
    #[track_caller]
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

/// A read of the map.
///
/// # Panics
///
/// Where the key is absent.
impl<K, Q, V, S> Index<&Q> for HashMap<K, V, S>
where
    K: Eq + Hash + Borrow<Q>,
    Q: Eq + Hash + ?Sized,
    S: BuildHasher,
{
    type Output = V;

    #[inline]
    #[track_caller]
    fn index(&self, key: &Q) -> &V {
        &self.find(key, Access::here(Operation::Index)).expect("no entry found for key").1
    }
}

impl<'a, K, V, S> IntoIterator for &'a HashMap<K, V, S> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a mut HashMap<K, V, S> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    #[inline]
    #[track_caller]
    fn into_iter(self) -> IterMut<'a, K, V> {
        self.iter_mut()
    }
}

impl<K, V, S> FromIterator<(K, V)> for HashMap<K, V, S>
where
    K: Eq + Hash,
    S: BuildHasher + Default,
{
    #[track_caller]
    fn from_iter<T: IntoIterator<Item = (K, V)>>(iter: T) -> Self {
        let mut map = Self::with_hasher(S::default());
        map.extend(iter);
        map
    }
}

impl<K, V, const N: usize> From<[(K, V); N]> for HashMap<K, V, RandomState>
where
    K: Eq + Hash,
{
    /// Where keys repeat, the last one's value stays.
    #[track_caller]
    fn from(arr: [(K, V); N]) -> Self {
        let mut map = Self::new();
        map.extend(arr);
        map
    }
}

/// A write for each item; the iterator runs outside of them.
impl<K, V, S> Extend<(K, V)> for HashMap<K, V, S>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    #[inline]
    #[track_caller]
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, iter: T) {
        let access = Access::here(Operation::Extend);
        let iter = iter.into_iter();
        // Keys may be there already or repeat, so a map that holds some makes room for half of what may come.
        let expected = iter.size_hint().0;
        let room = if self.len_as(access) == 0 { expected } else { expected.div_ceil(2) };
        self.reserve_as(room, access);
        iter.for_each(|(key, value)| drop(self.insert_as(key, value, access)));
    }
}

/// A write for each item; the iterator runs outside of them.
impl<'a, K, V, S> Extend<(&'a K, &'a V)> for HashMap<K, V, S>
where
    K: Eq + Hash + Copy,
    V: Copy,
    S: BuildHasher,
{
    #[inline]
    #[track_caller]
    fn extend<T: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, iter: T) {
        self.extend(iter.into_iter().map(|(&key, &value)| (key, value)));
    }
}
