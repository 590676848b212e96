//! The `try_` twins: they return the conflict instead of panicking or waiting, in every mode.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};

use crate::access::{Access, Operation};
use crate::conflict::{Conflict, Refused};
use crate::map::change::{clear, gather, retain};
use crate::map::lookup::always;
use crate::map::{CheckedMap, Drain, Entry, ExtractIf, IntoPair, Iter, Keys, Ref, RefMut, Values, by_key};

impl<K, V, S> CheckedMap<K, V, S> {
    /// [`capacity`](Self::capacity) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_capacity(&self) -> Result<usize, Conflict> {
        Ok(self.cell.try_read_as(Operation::Capacity)?.capacity())
    }

    /// [`keys`](Self::keys) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_keys(&self) -> Result<Keys<'_, K, V>, Conflict> {
        Ok(Keys(Iter::new(self.cell.try_read_as(Operation::Keys)?)))
    }

    /// [`values`](Self::values) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_values(&self) -> Result<Values<'_, K, V>, Conflict> {
        Ok(Values(Iter::new(self.cell.try_read_as(Operation::Values)?)))
    }

    /// [`iter`](Self::iter) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_iter(&self) -> Result<Iter<'_, K, V>, Conflict> {
        Ok(Iter::new(self.cell.try_read_as(Operation::Iter)?))
    }

    /// [`len`](Self::len) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_len(&self) -> Result<usize, Conflict> {
        Ok(self.cell.try_read_as(Operation::Len)?.len())
    }

    /// [`is_empty`](Self::is_empty) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_is_empty(&self) -> Result<bool, Conflict> {
        Ok(self.cell.try_read_as(Operation::IsEmpty)?.is_empty())
    }

    /// [`hasher`](Self::hasher) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_hasher(&self) -> Result<Ref<'_, S>, Conflict> {
        Ok(always(self.cell.try_read_as(Operation::Hasher)?, |map| map.hasher()))
    }

    /// [`drain`](Self::drain) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_drain(&self) -> Result<Drain<K, V>, Conflict> {
        Ok(Drain::new(self.cell.try_write_as(Operation::Drain)?))
    }

    /// [`extract_if`](Self::extract_if) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_extract_if<F>(&self, pick: F) -> Result<ExtractIf<'_, K, V, F>, Conflict>
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        Ok(ExtractIf::new(self.cell.try_write_as(Operation::ExtractIf)?, pick))
    }

    /// [`retain`](Self::retain) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_retain<F>(&self, keep: F) -> Result<(), Conflict>
    where
        F: FnMut(&K, &mut V) -> bool,
    {
        retain(self.cell.try_write_as(Operation::Retain)?, keep);
        Ok(())
    }

    /// [`clear`](Self::clear) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_clear(&self) -> Result<(), Conflict> {
        clear(self.cell.try_write_as(Operation::Clear)?);
        Ok(())
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> CheckedMap<K, V, S> {
    /// [`get`](Self::get) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_get<Q>(&self, key: &Q) -> Result<Option<Ref<'_, V>>, Conflict>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Ok(by_key::get(self.cell.try_read_as(Operation::Get)?, key))
    }

    /// [`get_key_value`](Self::get_key_value) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    #[expect(clippy::type_complexity, reason = "std's answer, inside a result")]
    pub fn try_get_key_value<Q>(&self, key: &Q) -> Result<Option<(Ref<'_, K>, Ref<'_, V>)>, Conflict>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Ok(by_key::get_key_value(self.cell.try_read_as(Operation::GetKeyValue)?, key))
    }

    /// [`contains_key`](Self::contains_key) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_contains_key<Q>(&self, key: &Q) -> Result<bool, Conflict>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Ok(by_key::contains_key(self.cell.try_read_as(Operation::ContainsKey)?, key))
    }

    /// [`shrink_to_fit`](Self::shrink_to_fit) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_shrink_to_fit(&self) -> Result<(), Conflict> {
        self.cell.try_write_as(Operation::ShrinkToFit)?.shrink_to_fit();
        Ok(())
    }

    /// [`shrink_to`](Self::shrink_to) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_shrink_to(&self, min_capacity: usize) -> Result<(), Conflict> {
        self.cell.try_write_as(Operation::ShrinkTo)?.shrink_to(min_capacity);
        Ok(())
    }

    /// [`entry`](Self::entry) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode, with the key.
    #[inline]
    #[track_caller]
    pub fn try_entry(&self, key: K) -> Result<Entry<'_, K, V>, Refused<K>> {
        match self.cell.try_write_as(Operation::Entry) {
            Ok(map) => Ok(by_key::entry(map, key)),
            Err(conflict) => Err(Refused::new(conflict, key)),
        }
    }

    /// [`get_mut`](Self::get_mut) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_get_mut<Q>(&self, key: &Q) -> Result<Option<RefMut<'_, V>>, Conflict>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Ok(by_key::get_mut(self.cell.try_write_as(Operation::GetMut)?, key))
    }

    /// [`get_disjoint_mut`](Self::get_disjoint_mut) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    ///
    /// # Panics
    ///
    /// Where two keys are equal.
    #[inline]
    #[track_caller]
    pub fn try_get_disjoint_mut<Q, const N: usize>(&self, keys: [&Q; N]) -> Result<[Option<RefMut<'_, V>>; N], Conflict>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let map = self.cell.try_write_as(Operation::GetDisjointMut)?;
        Ok(by_key::get_disjoint_mut(map, keys, |map| map.get_disjoint_mut(keys).map(by_key::part)))
    }

    /// [`insert`](Self::insert) that returns the conflict instead of panicking or waiting.
    ///
    /// It replaces the value of a key that is there, and acts on an earlier lookup as `insert` does: what it does not do is wait.
    /// The unstable method of this name of std's map refuses such a key; here [`try_entry`](Self::try_entry) finds that out.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode, with key and value.
    #[inline]
    #[track_caller]
    pub fn try_insert(&self, key: K, value: V) -> Result<Option<V>, Refused<(K, V)>> {
        match self.cell.try_write_as(Operation::Insert) {
            Ok(map) => Ok(by_key::insert(map, key, value)),
            Err(conflict) => Err(Refused::new(conflict, (key, value))),
        }
    }

    /// [`remove`](Self::remove) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_remove<Q>(&self, key: &Q) -> Result<Option<V>, Conflict>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let map = self.cell.try_write_as(Operation::Remove)?;
        Ok(by_key::remove_entry(map, Access::here(Operation::Remove), key).map(|(_, value)| value))
    }

    /// [`remove_entry`](Self::remove_entry) that returns the conflict instead of panicking or waiting.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub fn try_remove_entry<Q>(&self, key: &Q) -> Result<Option<(K, V)>, Conflict>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let map = self.cell.try_write_as(Operation::RemoveEntry)?;
        Ok(by_key::remove_entry(map, Access::here(Operation::RemoveEntry), key))
    }

    /// [`extend`](Self::extend) that returns the conflict instead of panicking or waiting.
    ///
    /// All entries are taken from the iterator before the map is asked for.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode, with the entries.
    #[inline]
    #[track_caller]
    pub fn try_extend<I>(&self, entries: I) -> Result<(), Refused<Vec<(K, V)>>>
    where
        I: IntoIterator,
        I::Item: IntoPair<K, V>,
    {
        let entries = gather(entries);
        match self.cell.try_write_as(Operation::Extend) {
            Ok(map) => {
                by_key::insert_all(map, entries);
                Ok(())
            }
            Err(conflict) => Err(Refused::new(conflict, entries)),
        }
    }
}
