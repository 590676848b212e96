//! Concurrent maps.

use super::{Role, Subject};
use crate::keys::{Hasher, Key};

pub(crate) struct Dash<K, S>(dashmap::DashMap<K, u64, S>);

impl<K: Key, S: Hasher> Subject<K, S> for Dash<K, S> {
    const NAME: &'static str = "dashmap";
    const ROLE: Role = Role::Peer;

    fn with_room(room: usize, hasher: S) -> Self {
        Self(dashmap::DashMap::with_capacity_and_hasher(room, hasher))
    }

    #[inline]
    fn insert(&self, key: K, value: u64) {
        self.0.insert(key, value);
    }

    #[inline]
    fn get(&self, key: &K) -> Option<u64> {
        self.0.view(key, |_, value| *value)
    }

    #[inline]
    fn look(&self, key: &K, eye: impl FnOnce(&u64)) -> bool {
        self.0.get(key).map(|value| eye(&value)).is_some()
    }

    #[inline]
    fn update(&self, key: K) {
        *self.0.entry(key).or_insert(0) += 1;
    }

    #[inline]
    fn remove(&self, key: &K) -> Option<u64> {
        self.0.remove(key).map(|(_, value)| value)
    }

    fn sum(&self) -> u64 {
        self.0.iter().map(|entry| *entry.value()).sum()
    }
}

pub(crate) struct Papaya<K, S>(papaya::HashMap<K, u64, S>);

impl<K: Key, S: Hasher> Subject<K, S> for Papaya<K, S> {
    const NAME: &'static str = "papaya";
    const ROLE: Role = Role::Peer;

    fn with_room(room: usize, hasher: S) -> Self {
        Self(papaya::HashMap::with_capacity_and_hasher(room, hasher))
    }

    #[inline]
    fn insert(&self, key: K, value: u64) {
        self.0.pin().insert(key, value);
    }

    #[inline]
    fn get(&self, key: &K) -> Option<u64> {
        self.0.pin().get(key).copied()
    }

    #[inline]
    fn look(&self, key: &K, eye: impl FnOnce(&u64)) -> bool {
        self.0.pin().get(key).map(eye).is_some()
    }

    #[inline]
    fn update(&self, key: K) {
        self.0.pin().update_or_insert(key, |value| value + 1, 1);
    }

    #[inline]
    fn remove(&self, key: &K) -> Option<u64> {
        self.0.pin().remove(key).copied()
    }

    fn sum(&self) -> u64 {
        self.0.pin().values().sum()
    }
}

pub(crate) struct Scc<K, S: Hasher>(scc::HashMap<K, u64, S>);

impl<K: Key, S: Hasher> Subject<K, S> for Scc<K, S> {
    const NAME: &'static str = "scc";
    const ROLE: Role = Role::Peer;

    fn with_room(room: usize, hasher: S) -> Self {
        Self(scc::HashMap::with_capacity_and_hasher(room, hasher))
    }

    #[inline]
    fn insert(&self, key: K, value: u64) {
        self.0.upsert_sync(key, value);
    }

    #[inline]
    fn get(&self, key: &K) -> Option<u64> {
        self.0.read_sync(key, |_, value| *value)
    }

    #[inline]
    fn look(&self, key: &K, eye: impl FnOnce(&u64)) -> bool {
        self.0.get_sync(key).map(|entry| eye(entry.get())).is_some()
    }

    #[inline]
    fn update(&self, key: K) {
        *self.0.entry_sync(key).or_insert(0).get_mut() += 1;
    }

    #[inline]
    fn remove(&self, key: &K) -> Option<u64> {
        self.0.remove_sync(key).map(|(_, value)| value)
    }

    fn sum(&self) -> u64 {
        let mut sum = 0_u64;
        self.0.iter_sync(|_, value| {
            sum += value;
            true
        });
        sum
    }
}
