//! Writes: the methods of std's `HashMap` that take `&mut self` there.

use std::borrow::Borrow;
use std::collections::{HashMap, TryReserveError};
use std::hash::{BuildHasher, Hash};
use std::mem::needs_drop;

use crate::access::{Access, Operation};
use crate::map::by_key::{Whole, part};
use crate::map::{CheckedMap, Drain, Entry, ExtractIf, IntoPair, RefMut, by_key};
#[cfg(doc)]
use crate::policy::Mode;

impl<K, V, S> CheckedMap<K, V, S> {
    /// Empties the map and returns the entries it had.
    ///
    /// The entries are taken out under one write, which has ended when this returns; std lends the map to the iterator until
    /// that is dropped. Room for the entries is kept.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let inbox = checkedmap::CheckedMap::from([(1, "hello")]);
    /// for (id, text) in inbox.drain() {
    ///     inbox.insert(id + 1, text); // the map is free
    /// }
    /// assert_eq!(inbox.get(&2).unwrap(), "hello");
    /// ```
    #[inline]
    #[track_caller]
    pub fn drain(&self) -> Drain<K, V> {
        Drain::new(self.cell.write_as(Operation::Drain))
    }

    /// Takes out the entries that `pick` returns `true` for, as the iterator is walked. `pick` runs inside the write.
    ///
    /// # Conflicts
    ///
    /// A write, until the iterator is dropped: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let numbers: checkedmap::CheckedMap<i32, ()> = (0..6).map(|n| (n, ())).collect();
    /// let mut odd: Vec<_> = numbers.extract_if(|n, _| n % 2 == 1).map(|(n, _)| n).collect();
    /// odd.sort();
    /// assert_eq!(odd, [1, 3, 5]);
    /// assert_eq!(numbers.len(), 3);
    /// ```
    #[inline]
    #[track_caller]
    pub fn extract_if<F>(&self, pick: F) -> ExtractIf<'_, K, V, F>
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        ExtractIf::new(self.cell.write_as(Operation::ExtractIf), pick)
    }

    /// Keeps the entries that `keep` returns `true` for. `keep` runs inside the write; what goes is dropped after it.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn retain<F>(&self, keep: F)
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        retain(self.cell.write_as(Operation::Retain), keep);
    }

    /// Removes every entry and keeps the room for them. The entries are dropped after the write.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn clear(&self) {
        clear(self.cell.write_as(Operation::Clear));
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> CheckedMap<K, V, S> {
    /// Makes room for so many entries more.
    ///
    /// It has no `try_` twin, since [`try_reserve`](Self::try_reserve) is the name of another method of std's:
    /// `map.try_write()?.reserve(n)`.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. Where the capacity would overflow. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn reserve(&self, additional: usize) {
        self.cell.write_as(Operation::Reserve).reserve(additional);
    }

    /// Makes room for so many entries more, or says why there is none. The `try_` is std's: a conflict is not returned.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Errors
    ///
    /// The allocation that cannot be made.
    #[inline]
    #[track_caller]
    pub fn try_reserve(&self, additional: usize) -> Result<(), TryReserveError> {
        self.cell.write_as(Operation::TryReserve).try_reserve(additional)
    }

    /// Gives back the room that is not used.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn shrink_to_fit(&self) {
        self.cell.write_as(Operation::ShrinkToFit).shrink_to_fit();
    }

    /// Gives back the room that is not used, down to a bound.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn shrink_to(&self, min_capacity: usize) {
        self.cell.write_as(Operation::ShrinkTo).shrink_to(min_capacity);
    }

    /// The place of a key, to look at and change in one access.
    ///
    /// # Conflicts
    ///
    /// A write, until the entry, or the guard it turns into, is dropped: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let counts = checkedmap::CheckedMap::new();
    /// for letter in "hello".chars() {
    ///     *counts.entry(letter).or_insert(0) += 1;
    /// }
    /// assert_eq!(counts.get(&'l').unwrap(), 2);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn entry(&self, key: K) -> Entry<'_, K, V> {
        by_key::entry(self.cell.write_as(Operation::Entry), key)
    }

    /// The value of a key, lent for writing.
    ///
    /// # Conflicts
    ///
    /// A write, until the guard is dropped: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let scores = checkedmap::CheckedMap::from([("ada", 1)]);
    /// if let Some(mut score) = scores.get_mut("ada") {
    ///     *score += 1;
    /// }
    /// assert_eq!(scores.get("ada").unwrap(), 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn get_mut<Q>(&self, key: &Q) -> Option<RefMut<'_, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        by_key::get_mut(self.cell.write_as(Operation::GetMut), key)
    }

    /// The values of several keys at once, lent for writing under one write.
    ///
    /// # Conflicts
    ///
    /// A write, until the last guard is dropped: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. Where two keys are equal. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let purses = checkedmap::CheckedMap::from([("ada", 10), ("bob", 0)]);
    /// let [Some(mut from), Some(mut to)] = purses.get_disjoint_mut(["ada", "bob"]) else { unreachable!() };
    /// *from -= 3;
    /// *to += 3;
    /// drop((from, to));
    /// assert_eq!(purses.get("bob").unwrap(), 3);
    /// ```
    #[inline]
    #[track_caller]
    pub fn get_disjoint_mut<Q, const N: usize>(&self, keys: [&Q; N]) -> [Option<RefMut<'_, V>>; N]
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let map = self.cell.write_as(Operation::GetDisjointMut);
        by_key::get_disjoint_mut(map, keys, |map| map.get_disjoint_mut(keys).map(part))
    }

    /// Sets the value of a key and returns the one it had.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = checkedmap::CheckedMap::new();
    /// assert_eq!(map.insert(37, "a"), None);
    /// assert_eq!(map.insert(37, "b"), Some("a"));
    /// ```
    #[inline]
    #[track_caller]
    pub fn insert(&self, key: K, value: V) -> Option<V> {
        by_key::insert(self.cell.write_as(Operation::Insert), key, value)
    }

    /// Takes the value of a key out of the map. The key is dropped after the write.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn remove<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let map = self.cell.write_as(Operation::Remove);
        by_key::remove_entry(map, Access::here(Operation::Remove), key).map(|(_, value)| value)
    }

    /// Takes an entry out of the map.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn remove_entry<Q>(&self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        by_key::remove_entry(self.cell.write_as(Operation::RemoveEntry), Access::here(Operation::RemoveEntry), key)
    }

    /// Inserts many entries.
    ///
    /// `entries` is walked to its end first, outside the write, so that it may look at this very map.
    ///
    /// # Conflicts
    ///
    /// A write: it collides with every other access.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a guard of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let map = checkedmap::CheckedMap::from([(1, 10), (2, 20)]);
    /// map.extend(map.iter().map(|(k, v)| (*k + 2, *v + 20)));
    /// assert_eq!(map.get(&4).unwrap(), 40);
    /// ```
    #[inline]
    #[track_caller]
    pub fn extend<I>(&self, entries: I)
    where
        I: IntoIterator,
        I::Item: IntoPair<K, V>,
    {
        let entries = gather(entries);
        by_key::insert_all(self.cell.write_as(Operation::Extend), entries);
    }

    /// [`get_disjoint_mut`](Self::get_disjoint_mut) that does not compare the keys.
    ///
    /// # Safety
    ///
    /// No two of the keys are equal.
    ///
    /// # Conflicts
    ///
    /// A write, until the last guard is dropped: it collides with every other access.
    ///
    /// # Panics
    ///
    /// As [`get_disjoint_mut`](Self::get_disjoint_mut), without the comparison.
    #[allow(unsafe_code)]
    #[track_caller]
    pub unsafe fn get_disjoint_unchecked_mut<Q, const N: usize>(&self, keys: [&Q; N]) -> [Option<RefMut<'_, V>>; N]
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        // SAFETY: the caller sees to it that no two keys are equal.
        let find = |map: &mut HashMap<K, V, S>| unsafe { map.get_disjoint_unchecked_mut(keys).map(part) };
        by_key::get_disjoint_mut(self.cell.write_as(Operation::GetDisjointMut), keys, find)
    }
}

/// Drops what goes after the write, so that its `Drop` may come back to the map.
pub(super) fn retain<K, V, S>(mut map: Whole<'_, K, V, S>, mut keep: impl FnMut(&K, &mut V) -> bool) {
    if needs_drop::<(K, V)>() {
        let gone: Vec<_> = map.extract_if(|key, value| !keep(key, value)).collect();
        drop(map);
        drop(gone);
    } else {
        map.retain(keep);
    }
}

/// As [`retain`].
pub(super) fn clear<K, V, S>(mut map: Whole<'_, K, V, S>) {
    if needs_drop::<(K, V)>() {
        let gone = Drain::new(map);
        drop(gone);
    } else {
        map.clear();
    }
}

pub(super) fn gather<K, V, I: IntoIterator<Item: IntoPair<K, V>>>(entries: I) -> Vec<(K, V)> {
    entries.into_iter().map(IntoPair::into_pair).collect()
}
