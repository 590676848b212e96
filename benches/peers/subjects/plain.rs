//! std's map without anything around it, and in a `RefCell`.
#![allow(unsafe_code)]

use std::cell::{RefCell, UnsafeCell};
use std::collections::HashMap;

use super::{Role, Sharing, Subject};
use crate::keys::{Hasher, Key};

/// Lets a table hold what must not be shared; [`Sharing`] says who may use it.
pub(crate) struct Unshared<T>(T);

// SAFETY: the tables give a `Sharing::Never` subject to one thread at a time, and a `Sharing::Reads` one to several only
// for tables that call nothing but `get`, `look` and `sum`.
unsafe impl<T: Send> Sync for Unshared<T> {}

pub(crate) struct Plain<K, S>(Unshared<UnsafeCell<HashMap<K, u64, S>>>);

impl<K: Key, S: Hasher> Plain<K, S> {
    #[inline]
    fn map(&self) -> &HashMap<K, u64, S> {
        // SAFETY: nobody writes meanwhile, by `Unshared`, and no method calls another.
        unsafe { &*self.0.0.get() }
    }

    #[inline]
    #[allow(clippy::mut_from_ref)]
    fn map_mut(&self) -> &mut HashMap<K, u64, S> {
        // SAFETY: only one thread uses a map that is written, by `Unshared`, and no method calls another.
        unsafe { &mut *self.0.0.get() }
    }
}

impl<K: Key, S: Hasher> Subject<K, S> for Plain<K, S> {
    const NAME: &'static str = "HashMap";
    const ROLE: Role = Role::Limit;
    const SHARING: Sharing = Sharing::Reads;

    fn with_room(room: usize, hasher: S) -> Self {
        Self(Unshared(UnsafeCell::new(HashMap::with_capacity_and_hasher(room, hasher))))
    }

    #[inline]
    fn insert(&self, key: K, value: u64) {
        self.map_mut().insert(key, value);
    }

    #[inline]
    fn get(&self, key: &K) -> Option<u64> {
        self.map().get(key).copied()
    }

    #[inline]
    fn look(&self, key: &K, eye: impl FnOnce(&u64)) -> bool {
        self.map().get(key).map(eye).is_some()
    }

    #[inline]
    fn update(&self, key: K) {
        *self.map_mut().entry(key).or_insert(0) += 1;
    }

    #[inline]
    fn remove(&self, key: &K) -> Option<u64> {
        self.map_mut().remove(key)
    }

    fn sum(&self) -> u64 {
        self.map().values().sum()
    }
}

pub(crate) struct InRefCell<K, S>(Unshared<RefCell<HashMap<K, u64, S>>>);

impl<K: Key, S: Hasher> Subject<K, S> for InRefCell<K, S> {
    const NAME: &'static str = "RefCell";
    const ROLE: Role = Role::Other;
    const SHARING: Sharing = Sharing::Never;

    fn with_room(room: usize, hasher: S) -> Self {
        Self(Unshared(RefCell::new(HashMap::with_capacity_and_hasher(room, hasher))))
    }

    #[inline]
    fn insert(&self, key: K, value: u64) {
        self.0.0.borrow_mut().insert(key, value);
    }

    #[inline]
    fn get(&self, key: &K) -> Option<u64> {
        self.0.0.borrow().get(key).copied()
    }

    #[inline]
    fn look(&self, key: &K, eye: impl FnOnce(&u64)) -> bool {
        std::cell::Ref::filter_map(self.0.0.borrow(), |map| map.get(key)).map(|value| eye(&value)).is_ok()
    }

    #[inline]
    fn update(&self, key: K) {
        *self.0.0.borrow_mut().entry(key).or_insert(0) += 1;
    }

    #[inline]
    fn remove(&self, key: &K) -> Option<u64> {
        self.0.0.borrow_mut().remove(key)
    }

    fn sum(&self) -> u64 {
        self.0.0.borrow().values().sum()
    }
}

/// The std-signature map, shared as it is shared in the programs it is for.
pub(crate) struct CheckedStd<K, S>(Unshared<UnsafeCell<checkedmap::hash_map::HashMap<K, u64, S>>>);

impl<K: Key, S: Hasher> CheckedStd<K, S> {
    #[inline]
    fn map(&self) -> &checkedmap::hash_map::HashMap<K, u64, S> {
        // SAFETY: as in `Plain::map`.
        unsafe { &*self.0.0.get() }
    }

    #[inline]
    #[allow(clippy::mut_from_ref)]
    fn map_mut(&self) -> &mut checkedmap::hash_map::HashMap<K, u64, S> {
        // SAFETY: as in `Plain::map_mut`.
        unsafe { &mut *self.0.0.get() }
    }
}

impl<K: Key, S: Hasher> Subject<K, S> for CheckedStd<K, S> {
    const NAME: &'static str = "hash_map::HashMap";
    const ROLE: Role = Role::Checked;
    const SHARING: Sharing = Sharing::Reads;

    fn with_room(room: usize, hasher: S) -> Self {
        let map = checkedmap::hash_map::HashMap::with_capacity_and_hasher(room, hasher);
        Self(Unshared(UnsafeCell::new(map)))
    }

    #[inline]
    fn insert(&self, key: K, value: u64) {
        self.map_mut().insert(key, value);
    }

    #[inline]
    fn get(&self, key: &K) -> Option<u64> {
        self.map().get(key).copied()
    }

    #[inline]
    fn look(&self, key: &K, eye: impl FnOnce(&u64)) -> bool {
        self.map().get(key).map(eye).is_some()
    }

    #[inline]
    fn update(&self, key: K) {
        *self.map_mut().entry(key).or_insert(0) += 1;
    }

    #[inline]
    fn remove(&self, key: &K) -> Option<u64> {
        self.map_mut().remove(key)
    }

    fn sum(&self) -> u64 {
        self.map().values().sum()
    }
}
