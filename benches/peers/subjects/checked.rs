//! `CheckedMap`: by its guards, by its closures, and degraded to a lock.

use checkedmap::{CheckedMap, Circuit, Mode};

use super::{Role, Sharing, Subject};
use crate::keys::{Hasher, Key};

pub(crate) struct Guards<K, S>(CheckedMap<K, u64, S>);

impl<K: Key, S: Hasher> Subject<K, S> for Guards<K, S> {
    const NAME: &'static str = "CheckedMap";
    const ROLE: Role = Role::Checked;
    const SHARING: Sharing = Sharing::Reads;

    fn with_room(room: usize, hasher: S) -> Self {
        Self(CheckedMap::with_capacity_and_hasher(room, hasher))
    }

    #[inline]
    fn insert(&self, key: K, value: u64) {
        self.0.insert(key, value);
    }

    #[inline]
    fn get(&self, key: &K) -> Option<u64> {
        self.0.get(key).map(|value| *value)
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
        self.0.remove(key)
    }

    fn sum(&self) -> u64 {
        self.0.values().map(|value| *value).sum()
    }
}

pub(crate) struct Closures<K, S>(CheckedMap<K, u64, S>);

impl<K: Key, S: Hasher> Subject<K, S> for Closures<K, S> {
    const NAME: &'static str = "CheckedMap::with";
    const ROLE: Role = Role::Checked;
    const SHARING: Sharing = Sharing::Reads;

    fn with_room(room: usize, hasher: S) -> Self {
        Self(CheckedMap::with_capacity_and_hasher(room, hasher))
    }

    #[inline]
    fn insert(&self, key: K, value: u64) {
        self.0.with_mut(|map| map.insert(key, value));
    }

    #[inline]
    fn get(&self, key: &K) -> Option<u64> {
        self.0.with(|map| map.get(key).copied())
    }

    #[inline]
    fn look(&self, key: &K, eye: impl FnOnce(&u64)) -> bool {
        self.0.with(|map| map.get(key).map(eye).is_some())
    }

    #[inline]
    fn update(&self, key: K) {
        self.0.with_mut(|map| *map.entry(key).or_insert(0) += 1);
    }

    #[inline]
    fn remove(&self, key: &K) -> Option<u64> {
        self.0.with_mut(|map| map.remove(key))
    }

    fn sum(&self) -> u64 {
        self.0.with(|map| map.values().sum())
    }
}

/// In `fallback` mode, after the conflict that made it a lock.
pub(crate) struct Degraded<K, S>(CheckedMap<K, u64, S>);

impl<K: Key, S: Hasher> Degraded<K, S> {
    fn degrade(map: &CheckedMap<K, u64, S>) {
        let (inside, come) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let held = map.write();
                let _ = inside.send(());
                while map.circuit() == Circuit::Checked {
                    std::thread::yield_now();
                }
                drop(held);
            });
            let _ = come.recv();
            drop(map.write());
        });
    }
}

impl<K: Key, S: Hasher> Subject<K, S> for Degraded<K, S> {
    const NAME: &'static str = "CheckedMap, degraded";
    const ROLE: Role = Role::Checked;

    fn with_room(room: usize, hasher: S) -> Self {
        let map = CheckedMap::with_capacity_and_hasher(room, hasher);
        map.set_mode(Mode::Fallback);
        Self::degrade(&map);
        assert_eq!(map.circuit(), Circuit::Degraded, "it is the lock that is measured");
        Self(map)
    }

    #[inline]
    fn insert(&self, key: K, value: u64) {
        self.0.insert(key, value);
    }

    #[inline]
    fn get(&self, key: &K) -> Option<u64> {
        self.0.get(key).map(|value| *value)
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
        self.0.remove(key)
    }

    fn sum(&self) -> u64 {
        self.0.with(|map| map.values().sum())
    }
}
