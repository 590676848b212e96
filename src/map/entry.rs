//! The place of one key: std's `Entry` with the write it makes.
//!
//! One write is open from [`CheckedMap::entry`](crate::CheckedMap::entry) until the entry, or the guard that an entry turns
//! into, is dropped. The closures given to an entry run inside it.
//!
//! What the usual `entry(..).or_insert(..)` consists of is always inlined: an entry that is returned through memory costs more than
//! the rest.

use std::collections::hash_map;
use std::fmt;
use std::ptr::NonNull;

use crate::cell::WriteGuard;
use crate::checkpoint::Permit;
use crate::map::held::Held;
use crate::map::refs::{RefMut, Stay};

/// The place of one key, taken or free: made by [`CheckedMap::entry`](crate::CheckedMap::entry).
///
/// # Conflicts
///
/// Its write is open until the entry, or the guard it turns into, is dropped, and collides with every other access; a
/// closure given to one of its methods that comes back to the map is re-entrant.
#[must_use = "the write ends when the entry is dropped"]
pub enum Entry<'a, K: 'a, V: 'a> {
    /// The key is present.
    Occupied(OccupiedEntry<'a, K, V>),
    /// The key is absent.
    Vacant(VacantEntry<'a, K, V>),
}

/// The place of a key that is present. It is part of [`Entry`].
#[must_use = "the write ends when the entry is dropped"]
pub struct OccupiedEntry<'a, K: 'a, V: 'a> {
    // Above the permit, so that it goes first.
    place: Held<hash_map::OccupiedEntry<'a, K, V>>,
    permit: Permit<'a>,
}

/// The place of a key that is absent. It is part of [`Entry`].
#[must_use = "the write ends when the entry is dropped"]
pub struct VacantEntry<'a, K: 'a, V: 'a> {
    // Above the permit, so that it goes first.
    place: Held<hash_map::VacantEntry<'a, K, V>>,
    permit: Permit<'a>,
}

impl<'a, K: Eq + std::hash::Hash, V> Entry<'a, K, V> {
    #[inline(always)]
    pub(super) fn find<S: std::hash::BuildHasher>(guard: WriteGuard<'a, hash_map::HashMap<K, V, S>>, key: K) -> Self {
        let (mut map, permit) = guard.into_parts();
        // SAFETY: the pointer is into a live collection ('a), and while the permit lives nobody else is inside; the reference
        // goes into the entry, which goes before the permit does.
        let map: &'a mut hash_map::HashMap<K, V, S> = unsafe { map.as_mut() };
        match map.entry(key) {
            hash_map::Entry::Occupied(place) => Self::Occupied(OccupiedEntry { place: Held::new(place), permit }),
            hash_map::Entry::Vacant(place) => Self::Vacant(VacantEntry { place: Held::new(place), permit }),
        }
    }
}

impl<'a, K, V> Entry<'a, K, V> {
    /// The value, after inserting `default` if there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// let words = checkedmap::CheckedMap::new();
    /// for word in "a rose is a rose".split(' ') {
    ///     *words.entry(word).or_insert(0) += 1;
    /// }
    /// assert_eq!(words.get("rose").unwrap(), 2);
    /// ```
    #[inline(always)]
    pub fn or_insert(self, default: V) -> RefMut<'a, V> {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => entry.insert(default),
        }
    }

    /// The value, after inserting what `default` returns if there is none. `default` runs inside the write.
    #[inline(always)]
    pub fn or_insert_with(self, default: impl FnOnce() -> V) -> RefMut<'a, V> {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => entry.insert(default()),
        }
    }

    /// [`or_insert_with`](Self::or_insert_with) for a closure that looks at the key.
    #[inline]
    pub fn or_insert_with_key(self, default: impl FnOnce(&K) -> V) -> RefMut<'a, V> {
        match self {
            Self::Occupied(entry) => entry.into_mut(),
            Self::Vacant(entry) => {
                let value = default(entry.key());
                entry.insert(value)
            }
        }
    }

    /// The key: the one in the map, or the one given.
    #[inline]
    pub fn key(&self) -> &K {
        match self {
            Self::Occupied(entry) => entry.key(),
            Self::Vacant(entry) => entry.key(),
        }
    }

    /// Changes the value if there is one. `change` runs inside the write.
    ///
    /// # Examples
    ///
    /// ```
    /// let hits = checkedmap::CheckedMap::new();
    /// for _ in 0..3 {
    ///     let _ = hits.entry("/").and_modify(|n| *n += 1).or_insert(1);
    /// }
    /// assert_eq!(hits.get("/").unwrap(), 3);
    /// ```
    #[inline]
    pub fn and_modify(mut self, change: impl FnOnce(&mut V)) -> Self {
        if let Self::Occupied(entry) = &mut self {
            change(entry.get_mut());
        }
        self
    }

    /// Sets the value and returns the entry that has it.
    #[inline]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V> {
        match self {
            Self::Occupied(mut entry) => {
                entry.insert(value);
                entry
            }
            Self::Vacant(entry) => entry.insert_entry(value),
        }
    }

    /// The value, after inserting the default one if there is none.
    ///
    /// # Examples
    ///
    /// ```
    /// let by_length = checkedmap::CheckedMap::<usize, Vec<&str>>::new();
    /// for word in ["map", "gate", "key"] {
    ///     by_length.entry(word.len()).or_default().push(word);
    /// }
    /// assert_eq!(by_length.get(&3).unwrap(), ["map", "key"]);
    /// ```
    #[inline(always)]
    pub fn or_default(self) -> RefMut<'a, V>
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }
}

impl<'a, K, V> OccupiedEntry<'a, K, V> {
    /// The key in the map.
    #[inline]
    pub fn key(&self) -> &K {
        self.place.key()
    }

    /// Takes the entry out of the map and ends the write.
    #[inline]
    pub fn remove_entry(self) -> (K, V) {
        let Self { place, permit } = self;
        let taken = place.into_inner().remove_entry();
        drop(permit);
        taken
    }

    /// The value.
    #[inline]
    pub fn get(&self) -> &V {
        self.place.get()
    }

    /// The value, for writing, as long as the entry is borrowed; [`into_mut`](Self::into_mut) for longer.
    #[inline]
    pub fn get_mut(&mut self) -> &mut V {
        self.place.get_mut()
    }

    /// The value, for writing; the guard takes the write over.
    #[inline(always)]
    pub fn into_mut(self) -> RefMut<'a, V> {
        let Self { place, permit } = self;
        RefMut::new(NonNull::from(place.into_inner().into_mut()), Stay::Own(permit))
    }

    /// Replaces the value and returns the old one.
    #[inline]
    pub fn insert(&mut self, value: V) -> V {
        self.place.insert(value)
    }

    /// Takes the value out of the map and ends the write; then drops the key.
    #[inline]
    pub fn remove(self) -> V {
        self.remove_entry().1
    }
}

impl<'a, K, V> VacantEntry<'a, K, V> {
    /// The key that would be inserted.
    #[inline]
    pub fn key(&self) -> &K {
        self.place.key()
    }

    /// The key; the write ends.
    #[inline]
    pub fn into_key(self) -> K {
        let Self { place, permit } = self;
        let key = place.into_inner().into_key();
        drop(permit);
        key
    }

    /// Inserts the value; the guard takes the write over.
    #[inline]
    pub fn insert(self, value: V) -> RefMut<'a, V> {
        let Self { place, permit } = self;
        let value = NonNull::from(place.into_inner().insert(value));
        permit.filled();
        RefMut::new(value, Stay::Own(permit))
    }

    /// Inserts the value and returns the entry that has it.
    #[inline]
    pub fn insert_entry(self, value: V) -> OccupiedEntry<'a, K, V> {
        let Self { place, permit } = self;
        let place = Held::new(place.into_inner().insert_entry(value));
        permit.filled();
        OccupiedEntry { place, permit }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Entry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Self::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for OccupiedEntry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (*self.place).fmt(f)
    }
}

impl<K: fmt::Debug, V> fmt::Debug for VacantEntry<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (*self.place).fmt(f)
    }
}
