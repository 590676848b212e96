//! std's map in a lock, or in a cell that borrows at run time and panics where borrows overlap.

use std::collections::HashMap;

use super::{Role, Sharing, Subject};
use crate::keys::{Hasher, Key};

/// One subject: `$lock` around std's map, with the words for reading and writing it.
macro_rules! locked {
    ($name:ident, $title:literal, $sharing:ident, $lock:ty, $read:ident, $write:ident $(, $unwrap:ident)?) => {
        pub(crate) struct $name<K, S>($lock);

        impl<K: Key, S: Hasher> Subject<K, S> for $name<K, S> {
            const NAME: &'static str = $title;
            const ROLE: Role = Role::Peer;
            const SHARING: Sharing = Sharing::$sharing;

            fn with_room(room: usize, hasher: S) -> Self {
                Self(<$lock>::new(HashMap::with_capacity_and_hasher(room, hasher)))
            }

            #[inline]
            fn insert(&self, key: K, value: u64) {
                self.0.$write()$(.$unwrap())?.insert(key, value);
            }

            #[inline]
            fn get(&self, key: &K) -> Option<u64> {
                self.0.$read()$(.$unwrap())?.get(key).copied()
            }

            #[inline]
            fn look(&self, key: &K, eye: impl FnOnce(&u64)) -> bool {
                self.0.$read()$(.$unwrap())?.get(key).map(eye).is_some()
            }

            #[inline]
            fn update(&self, key: K) {
                *self.0.$write()$(.$unwrap())?.entry(key).or_insert(0) += 1;
            }

            #[inline]
            fn remove(&self, key: &K) -> Option<u64> {
                self.0.$write()$(.$unwrap())?.remove(key)
            }

            fn sum(&self) -> u64 {
                self.0.$read()$(.$unwrap())?.values().sum()
            }
        }
    };
}

locked!(InAtomicRefCell, "AtomicRefCell", Reads, atomic_refcell::AtomicRefCell<HashMap<K, u64, S>>, borrow, borrow_mut);
locked!(InStdMutex, "std Mutex", Anything, std::sync::Mutex<HashMap<K, u64, S>>, lock, lock, unwrap);
locked!(InStdRwLock, "std RwLock", Anything, std::sync::RwLock<HashMap<K, u64, S>>, read, write, unwrap);
locked!(InMutex, "parking_lot Mutex", Anything, parking_lot::Mutex<HashMap<K, u64, S>>, lock, lock);
locked!(InRwLock, "parking_lot RwLock", Anything, parking_lot::RwLock<HashMap<K, u64, S>>, read, write);
