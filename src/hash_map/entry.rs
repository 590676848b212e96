//! The place of one key in a map.
//!
//! An entry holds the map's exclusive borrow, and no permit between its calls: each call enters the gate and makes sure that
//! nobody has written since the one before, so the bucket it remembers is still the key's.
//!
//! A call that changes the table goes by the name of what it does (`insert`, `remove`), so that the child of a fork knows
//! which tables may be torn.

use std::fmt;
use std::marker::PhantomData;

use super::body::{Lease, Writing};
use super::watched;
use crate::access::{Access, Operation};

/// The place of one key, from [`HashMap::entry`](super::HashMap::entry).
///
/// # Panics
///
/// Each method, where another access is inside the map, as [`HashMap`](super::HashMap) says, and in every mode where
/// somebody has written to the map since the entry was opened.
pub enum Entry<'a, K: 'a, V: 'a> {
    /// The key is there.
    Occupied(OccupiedEntry<'a, K, V>),
    /// The key is absent.
    Vacant(VacantEntry<'a, K, V>),
}

/// The place of a key that is there.
pub struct OccupiedEntry<'a, K: 'a, V: 'a> {
    lease: Lease<'a, K, V>,
    bucket: usize,
    lent: PhantomData<&'a mut (K, V)>,
}

/// The place of a key that is absent.
pub struct VacantEntry<'a, K: 'a, V: 'a> {
    lease: Lease<'a, K, V>,
    hash: u64,
    key: K,
    lent: PhantomData<&'a mut (K, V)>,
}

impl<'a, K, V> Entry<'a, K, V> {
    #[inline]
    pub(super) fn occupied(lease: Lease<'a, K, V>, bucket: usize) -> Self {
        Self::Occupied(OccupiedEntry { lease, bucket, lent: PhantomData })
    }

    #[inline]
    pub(super) fn vacant(lease: Lease<'a, K, V>, hash: u64, key: K) -> Self {
        Self::Vacant(VacantEntry { lease, hash, key, lent: PhantomData })
    }

    /// Inserts `default` where the key is absent, and lends the value.
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
    /// *map.entry("a").or_insert(1) += 1;
    /// assert_eq!(map["a"], 2);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn or_insert(self, default: V) -> &'a mut V {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => entry.insert(default),
        }
    }

    /// [`or_insert`](Self::or_insert) of what a closure makes, if it is needed. It runs inside the access.
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
    /// let mut map: HashMap<&str, Vec<i32>> = HashMap::new();
    /// map.entry("a").or_insert_with(Vec::new).push(1);
    /// assert_eq!(map["a"], [1]);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn or_insert_with<F: FnOnce() -> V>(self, default: F) -> &'a mut V {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => entry.insert_with(|_| default()),
        }
    }

    /// [`or_insert_with`](Self::or_insert_with) whose closure is shown the key.
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
    /// let mut lengths = HashMap::new();
    /// assert_eq!(lengths.entry("word").or_insert_with_key(|key| key.len()), &4);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn or_insert_with_key<F: FnOnce(&K) -> V>(self, default: F) -> &'a mut V {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => entry.insert_with(default),
        }
    }

    /// The key: the map's own where it is there, else the one the entry was opened with.
    ///
    /// # Conflicts
    ///
    /// A read where the key is there.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map: HashMap<&str, u32> = HashMap::new();
    /// assert_eq!(map.entry("a").key(), &"a");
    /// ```
    #[inline]
    #[track_caller]
    pub fn key(&self) -> &K {
        match self {
            Self::Occupied(entry) => entry.key(),
            Self::Vacant(entry) => entry.key(),
        }
    }

    /// Changes the value where the key is there. The closure runs inside the access.
    ///
    /// # Conflicts
    ///
    /// A write where the key is there.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// map.entry("a").and_modify(|v| *v += 1).or_insert(0);
    /// assert_eq!(map["a"], 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn and_modify<F>(self, f: F) -> Self
    where
        F: FnOnce(&mut V),
    {
        match self {
            Self::Occupied(mut entry) => {
                entry.modify(f);
                Self::Occupied(entry)
            }
            Self::Vacant(entry) => Self::Vacant(entry),
        }
    }

    /// Inserts or replaces the value.
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
    /// assert_eq!(map.entry("a").insert_entry(2).get(), &2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V> {
        match self {
            Self::Occupied(mut entry) => {
                entry.insert(value);
                entry
            }
            Self::Vacant(entry) => entry.insert_entry(value),
        }
    }
}

impl<'a, K, V: Default> Entry<'a, K, V> {
    /// [`or_insert`](Self::or_insert) of the default value.
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
    /// let mut map: HashMap<&str, u32> = HashMap::new();
    /// assert_eq!(map.entry("a").or_default(), &0);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn or_default(self) -> &'a mut V {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => entry.insert_with(|_| V::default()),
        }
    }
}

impl<'a, K, V> OccupiedEntry<'a, K, V> {
    /// The key in the map.
    ///
    /// # Conflicts
    ///
    /// A read.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{Entry, HashMap};
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// let Entry::Occupied(entry) = map.entry("a") else { panic!() };
    /// assert_eq!(entry.key(), &"a");
    /// ```
    #[inline]
    #[track_caller]
    pub fn key(&self) -> &K {
        &self.look().0
    }

    /// The value.
    ///
    /// # Conflicts
    ///
    /// A read.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{Entry, HashMap};
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// let Entry::Occupied(entry) = map.entry("a") else { panic!() };
    /// assert_eq!(entry.get(), &1);
    /// ```
    #[inline]
    #[track_caller]
    pub fn get(&self) -> &V {
        &self.look().1
    }

    /// The value, for writing while the entry is borrowed.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{Entry, HashMap};
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// let Entry::Occupied(mut entry) = map.entry("a") else { panic!() };
    /// *entry.get_mut() += 1;
    /// assert_eq!(entry.get(), &2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn get_mut(&mut self) -> &mut V {
        self.lend(Access::here(Operation::GetMut))
    }

    /// The value, for writing while the map is borrowed.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{Entry, HashMap};
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// let Entry::Occupied(entry) = map.entry("a") else { panic!() };
    /// *entry.into_mut() += 1;
    /// assert_eq!(map["a"], 2);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn into_mut(mut self) -> &'a mut V {
        self.lend(Access::here(Operation::GetMut))
    }

    /// Replaces the value and returns the old one.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{Entry, HashMap};
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// let Entry::Occupied(mut entry) = map.entry("a") else { panic!() };
    /// assert_eq!(entry.insert(2), 1);
    /// ```
    #[inline]
    #[track_caller]
    pub fn insert(&mut self, value: V) -> V {
        let mut table = self.lease.write(Access::here(Operation::Insert));
        std::mem::replace(&mut occupant_mut(&mut table, self.bucket).1, value)
    }

    /// Removes the entry and returns its value.
    ///
    /// # Conflicts
    ///
    /// A write; the key is dropped after it.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{Entry, HashMap};
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// let Entry::Occupied(entry) = map.entry("a") else { panic!() };
    /// assert_eq!(entry.remove(), 1);
    /// assert!(map.is_empty());
    /// ```
    #[inline]
    #[track_caller]
    pub fn remove(self) -> V {
        self.take(Access::here(Operation::Remove)).1
    }

    /// Removes the entry and returns it.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{Entry, HashMap};
    ///
    /// let mut map = HashMap::from([("a", 1)]);
    /// let Entry::Occupied(entry) = map.entry("a") else { panic!() };
    /// assert_eq!(entry.remove_entry(), ("a", 1));
    /// ```
    #[inline]
    #[track_caller]
    pub fn remove_entry(self) -> (K, V) {
        self.take(Access::here(Operation::RemoveEntry))
    }

    #[inline]
    #[track_caller]
    fn take(mut self, access: Access) -> (K, V) {
        let mut table = self.lease.write(access);
        match table.get_bucket_entry(self.bucket) {
            Ok(there) => there.remove().0,
            Err(_) => vanished(),
        }
    }

    #[inline]
    #[track_caller]
    fn look(&self) -> &(K, V) {
        // A read, though the entry was opened by a write: a shared entry may be looked at from several threads.
        let reading = self.lease.read(Access::here(Operation::Get));
        // SAFETY: the table's reference ends with this function, before the permit does; the pair is lent on the strength
        // of `&self`, which keeps this entry's own writes out.
        let table = unsafe { reading.lend() };
        table.get_bucket(self.bucket).unwrap_or_else(|| vanished())
    }

    /// The caller borrows the entry for as long as it uses the value, or gives the entry up.
    #[inline(always)]
    #[track_caller]
    fn lend(&mut self, access: Access) -> &'a mut V {
        let mut writing = self.lease.write(access);
        // SAFETY: the table's reference ends with this function, before the permit does; the value is lent on the strength
        // of the map's exclusive borrow, which the entry holds.
        let table = unsafe { writing.lend() };
        &mut table.get_bucket_mut(self.bucket).unwrap_or_else(|| vanished()).1
    }

    #[inline]
    #[track_caller]
    fn modify(&mut self, f: impl FnOnce(&mut V)) {
        let mut table = self.lease.write(Access::here(Operation::Entry));
        f(&mut occupant_mut(&mut table, self.bucket).1);
    }
}

#[inline]
fn occupant_mut<'a, K, V>(table: &'a mut Writing<'_, K, V>, bucket: usize) -> &'a mut (K, V) {
    table.get_bucket_mut(bucket).unwrap_or_else(|| vanished())
}

#[cold]
fn vanished() -> ! {
    unreachable!("nobody has written since the entry was found, and it is gone");
}

impl<'a, K: 'a, V: 'a> VacantEntry<'a, K, V> {
    /// The key the entry was opened with. No access: the entry owns it.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::HashMap;
    ///
    /// let mut map: HashMap<&str, u32> = HashMap::new();
    /// assert_eq!(map.entry("a").key(), &"a");
    /// ```
    #[inline]
    pub fn key(&self) -> &K {
        &self.key
    }

    /// The key the entry was opened with, by value. No access.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{Entry, HashMap};
    ///
    /// let mut map: HashMap<String, u32> = HashMap::new();
    /// let Entry::Vacant(entry) = map.entry("a".to_owned()) else { panic!() };
    /// assert_eq!(entry.into_key(), "a");
    /// ```
    #[inline]
    pub fn into_key(self) -> K {
        self.key
    }

    /// Inserts a value and lends it.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{Entry, HashMap};
    ///
    /// let mut map: HashMap<&str, u32> = HashMap::new();
    /// let Entry::Vacant(entry) = map.entry("a") else { panic!() };
    /// *entry.insert(1) += 1;
    /// assert_eq!(map["a"], 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn insert(self, value: V) -> &'a mut V {
        self.insert_with(|_| value)
    }

    /// Inserts a value and keeps the entry.
    ///
    /// # Conflicts
    ///
    /// A write.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::hash_map::{Entry, HashMap};
    ///
    /// let mut map: HashMap<&str, u32> = HashMap::new();
    /// let Entry::Vacant(entry) = map.entry("a") else { panic!() };
    /// assert_eq!(entry.insert_entry(1).remove_entry(), ("a", 1));
    /// ```
    #[inline]
    #[track_caller]
    pub fn insert_entry(mut self, value: V) -> OccupiedEntry<'a, K, V> {
        let access = Access::here(Operation::Insert);
        let mut table = self.lease.write(access);
        let bucket = table.insert_unique(self.hash, (self.key, value), room_was_made).bucket_index();
        if let Some(watcher) = table.watcher(access) {
            watched::filled(watcher, self.hash);
        }
        OccupiedEntry { lease: table.lease(), bucket, lent: PhantomData }
    }

    /// Not inlined, so that the entry of a key that is there is.
    #[inline(never)]
    #[track_caller]
    fn insert_with(mut self, value: impl FnOnce(&K) -> V) -> &'a mut V {
        let access = Access::here(Operation::Insert);
        let mut writing = self.lease.write(access);
        let value = value(&self.key);
        // SAFETY: the table's reference ends with this function, before the permit does, and is the only one; the value
        // is lent on the strength of the map's exclusive borrow, which this entry held and gives up.
        let table = unsafe { writing.lend() };
        let value = &mut table.insert_unique(self.hash, (self.key, value), room_was_made).into_mut().1;
        if let Some(watcher) = writing.watcher(access) {
            watched::filled(watcher, self.hash);
        }
        value
    }
}

/// The hasher of a table that has room: it is never asked.
fn room_was_made<T>(_: &T) -> u64 {
    unreachable!("room was made as the entry was opened, and nobody has written since");
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Entry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tuple = f.debug_tuple("Entry");
        match self {
            Self::Occupied(entry) => tuple.field(entry),
            Self::Vacant(entry) => tuple.field(entry),
        };
        tuple.finish()
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for OccupiedEntry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("OccupiedEntry");
        fields.field("key", self.key()).field("value", self.get()).finish_non_exhaustive()
    }
}

impl<K: fmt::Debug, V> fmt::Debug for VacantEntry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VacantEntry").field(self.key()).finish()
    }
}
