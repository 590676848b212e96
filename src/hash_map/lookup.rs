//! What a map does by key.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};

use hashbrown::{HashTable, hash_table};

use super::body::Lease;
use super::entry::Entry;
use super::{HashMap, rehasher, watched};
use crate::access::{Access, Operation};

impl<K, V, S> HashMap<K, V, S>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    /// The value of a key.
    ///
    /// # Conflicts
    ///
    /// A read; what is done through the reference afterwards is not seen.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let map = HashMap::from([("a", 1)]);
    /// assert_eq!(map.get("a"), Some(&1));
    /// assert_eq!(map.get("b"), None);
    /// ```
    #[inline]
    #[track_caller]
    pub fn get<Q>(&self, k: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.find(k, Access::here(Operation::Get)).map(|(_, value)| value)
    }

    /// The key in the map that equals `k`, and its value.
    ///
    /// # Conflicts
    ///
    /// A read.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let map = HashMap::from([("a", 1)]);
    /// assert_eq!(map.get_key_value("a"), Some((&"a", &1)));
    /// ```
    #[inline]
    #[track_caller]
    pub fn get_key_value<Q>(&self, k: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.find(k, Access::here(Operation::GetKeyValue)).map(|(key, value)| (key, value))
    }

    /// Whether there is an entry for a key.
    ///
    /// # Conflicts
    ///
    /// A read.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// assert!(HashMap::from([("a", 1)]).contains_key("a"));
    /// ```
    #[inline]
    #[track_caller]
    pub fn contains_key<Q>(&self, k: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.find(k, Access::here(Operation::ContainsKey)).is_some()
    }

    #[inline(always)]
    #[track_caller]
    pub(super) fn find<Q>(&self, k: &Q, access: Access) -> Option<&(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let Some(core) = self.core() else { return self.find_first(k, access) };
        let hash = self.hash_builder.hash_one(k);
        let reading = core.read(access);
        if let Some(watcher) = reading.watcher(access) {
            return watched::find(reading, watcher, hash, k, access.operation);
        }
        // SAFETY: the table's reference ends with this function, before the permit does; the entry is lent on the
        // strength of `&self`.
        let table = unsafe { reading.lend() };
        table.find(hash, |(key, _)| k == key.borrow())
    }

    /// [`HashMap::find`] where there is no table. It begins again instead of handing one over, so that the others have nothing to
    /// keep over a call.
    #[cold]
    #[inline(never)]
    #[track_caller]
    fn find_first<Q>(&self, k: &Q, access: Access) -> Option<&(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.core_if_watched().and_then(|_| self.find(k, access))
    }

    /// The value of a key, for writing.
    ///
    /// # Conflicts
    ///
    /// A write; what is done through the reference afterwards is not seen.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// *map.get_mut("a").unwrap() += 1;
    /// assert_eq!(map["a"], 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn get_mut<Q>(&mut self, k: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let core = self.core_by_key()?;
        let hash = self.hash_builder.hash_one(k);
        let access = Access::here(Operation::GetMut);
        let mut writing = core.write(access);
        if let Some(watcher) = writing.watcher(access) {
            return watched::find_mut(writing, watcher, hash, k);
        }
        // SAFETY: the table's reference ends with this function, before the permit does, and is the only one; the entry
        // is lent on the strength of `&mut self`.
        let table = unsafe { writing.lend() };
        table.find_mut(hash, |(key, _)| k == (*key).borrow()).map(|(_, value)| value)
    }

    /// The values of several keys, for writing; `None` for a key that is absent.
    ///
    /// # Conflicts
    ///
    /// One write.
    ///
    /// # Panics
    ///
    /// Where two of the keys are equal.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::from([("a", 1), ("b", 2)]);
    /// let [Some(a), Some(b)] = map.get_disjoint_mut(["a", "b"]) else { panic!() };
    /// std::mem::swap(a, b);
    /// assert_eq!((map["a"], map["b"]), (2, 1));
    /// ```
    #[inline]
    #[track_caller]
    pub fn get_disjoint_mut<Q, const N: usize>(&mut self, ks: [&Q; N]) -> [Option<&'_ mut V>; N]
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let Some(core) = self.core_by_key() else { return [const { None }; N] };
        let hashes = ks.map(|k| self.hash_builder.hash_one(k));
        let access = Access::here(Operation::GetDisjointMut);
        let mut writing = core.write(access);
        // SAFETY: as in `get_mut`.
        let table = unsafe { writing.lend() };
        let found = table.get_disjoint_mut(hashes, |i, (key, _)| ks[i] == (*key).borrow());
        if let Some(watcher) = writing.watcher(access) {
            watched::lent(writing, watcher, hashes, found.each_ref().map(Option::is_some));
        }
        found.map(|entry| entry.map(|(_, value)| value))
    }

    /// [`get_disjoint_mut`](Self::get_disjoint_mut) that takes the caller's word for the keys being different.
    ///
    /// # Safety
    ///
    /// No two of the keys are equal: two exclusive references to one value are undefined behaviour even if they are not
    /// used.
    ///
    /// # Conflicts
    ///
    /// One write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::from([("a", 1), ("b", 2)]);
    /// // SAFETY: the keys are different.
    /// let [a, c] = unsafe { map.get_disjoint_unchecked_mut(["a", "c"]) };
    /// assert_eq!((a, c), (Some(&mut 1), None));
    /// ```
    #[inline]
    #[track_caller]
    pub unsafe fn get_disjoint_unchecked_mut<Q, const N: usize>(&mut self, ks: [&Q; N]) -> [Option<&'_ mut V>; N]
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let Some(core) = self.core_by_key() else { return [const { None }; N] };
        let hashes = ks.map(|k| self.hash_builder.hash_one(k));
        let access = Access::here(Operation::GetDisjointMut);
        let mut writing = core.write(access);
        // SAFETY: as in `get_mut`.
        let table = unsafe { writing.lend() };
        // SAFETY: by this function's contract no two keys are equal, so none of them finds another one's entry.
        let found = unsafe { table.get_disjoint_unchecked_mut(hashes, |i, (key, _)| ks[i] == (*key).borrow()) };
        if let Some(watcher) = writing.watcher(access) {
            watched::lent(writing, watcher, hashes, found.each_ref().map(Option::is_some));
        }
        found.map(|entry| entry.map(|(_, value)| value))
    }

    /// Inserts a value, and returns the one that was there. The key that was there stays.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::new();
    /// assert_eq!(map.insert("a", 1), None);
    /// assert_eq!(map.insert("a", 2), Some(1));
    /// ```
    #[inline]
    #[track_caller]
    pub fn insert(&mut self, k: K, v: V) -> Option<V> {
        self.insert_as(k, v, Access::here(Operation::Insert))
    }

    /// A key that is there already is dropped after the write has ended, as all arguments are.
    #[inline]
    #[track_caller]
    pub(super) fn insert_as(&mut self, k: K, v: V, access: Access) -> Option<V> {
        let hash = self.hash_builder.hash_one(&k);
        let mut table = self.core_or_init().write(access);
        match table.watcher(access) {
            None => {
                let (replaced, _unused) = put(&mut table, hash, k, v, &self.hash_builder);
                drop(table);
                replaced
            }
            Some(watcher) => watched::insert(table, watcher, hash, k, v, &self.hash_builder),
        }
    }

    /// Removes a key and returns its value.
    ///
    /// # Conflicts
    ///
    /// A write; the key is dropped after it.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// assert_eq!(map.remove("a"), Some(1));
    /// assert_eq!(map.remove("a"), None);
    /// ```
    #[inline]
    #[track_caller]
    pub fn remove<Q>(&mut self, k: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.take(k, Access::here(Operation::Remove)).map(|(_, value)| value)
    }

    /// Removes a key and returns it with its value.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// assert_eq!(map.remove_entry("a"), Some(("a", 1)));
    /// ```
    #[inline]
    #[track_caller]
    pub fn remove_entry<Q>(&mut self, k: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.take(k, Access::here(Operation::RemoveEntry))
    }

    #[inline]
    #[track_caller]
    fn take<Q>(&mut self, k: &Q, access: Access) -> Option<(K, V)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        // A removal that finds no table is not remembered: no more than a hint could rest on it, and to ask costs the others.
        let core = self.core()?;
        let hash = self.hash_builder.hash_one(k);
        let mut table = core.write(access);
        match table.watcher(access) {
            None => take(&mut table, hash, k),
            Some(watcher) => watched::remove(table, watcher, hash, k),
        }
    }

    /// Opens the place of one key, to look, insert, change or remove with one lookup.
    ///
    /// # Conflicts
    ///
    /// A write, and so is each call on the entry but those that only look.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut counts = HashMap::new();
    /// for word in ["a", "b", "a"] {
    ///     *counts.entry(word).or_insert(0) += 1;
    /// }
    /// assert_eq!(counts["a"], 2);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V> {
        let hash = self.hash_builder.hash_one(&key);
        let access = Access::here(Operation::Entry);
        let table = self.core_or_init().write(access);
        let is_full = table.len() == table.capacity();
        let lease = table.lease();
        let bucket = table.find_bucket_index(hash, |(there, _)| key == *there);
        match table.watcher(access) {
            None => drop(table),
            Some(watcher) => watched::opened(table, watcher, hash, bucket.is_some()),
        }
        match bucket {
            Some(bucket) => Entry::occupied(lease, bucket),
            None if is_full => Entry::vacant(self.make_room(lease), hash, key),
            None => Entry::vacant(lease, hash, key),
        }
    }

    /// Room for one more: a vacant entry does not know the hasher.
    #[cold]
    #[track_caller]
    fn make_room<'a>(&self, mut lease: Lease<'a, K, V>) -> Lease<'a, K, V> {
        lease.write(Access::here(Operation::Reserve)).reserve(1, rehasher(&self.hash_builder));
        lease
    }
}

/// What the value has replaced, and the key where an equal one stays: it is to be dropped once the write has ended.
#[inline(always)]
pub(super) fn put<K: Eq + Hash, V, S: BuildHasher>(
    table: &mut HashTable<(K, V)>,
    hash: u64,
    k: K,
    v: V,
    hash_builder: &S,
) -> (Option<V>, Option<K>) {
    match table.entry(hash, |(key, _)| k == *key, rehasher(hash_builder)) {
        hash_table::Entry::Occupied(mut there) => (Some(std::mem::replace(&mut there.get_mut().1, v)), Some(k)),
        hash_table::Entry::Vacant(place) => {
            place.insert((k, v));
            (None, None)
        }
    }
}

#[inline(always)]
pub(super) fn take<K: Borrow<Q>, V, Q: Eq + ?Sized>(table: &mut HashTable<(K, V)>, hash: u64, k: &Q) -> Option<(K, V)> {
    let there = table.find_entry(hash, |(key, _)| k == key.borrow()).ok();
    there.map(|there| there.remove().0)
}
