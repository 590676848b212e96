//! Reads: the methods of std's `HashMap` that take `&self` there.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::ptr::NonNull;

use crate::access::Operation;
use crate::cell::ReadGuard;
use crate::map::refs::Stay;
use crate::map::{CheckedMap, Iter, Keys, Ref, Values, by_key};
#[cfg(doc)]
use crate::policy::Mode;

impl<K, V, S> CheckedMap<K, V, S> {
    /// How many entries fit without growing.
    ///
    /// # Conflicts
    ///
    /// A read: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn capacity(&self) -> usize {
        self.cell.read_as(Operation::Capacity).capacity()
    }

    /// Walks the keys, in no particular order.
    ///
    /// # Conflicts
    ///
    /// A read, until the iterator and all its items are dropped: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn keys(&self) -> Keys<'_, K, V> {
        Keys(Iter::new(self.cell.read_as(Operation::Keys)))
    }

    /// Walks the values, in no particular order.
    ///
    /// # Conflicts
    ///
    /// A read, until the iterator and all its items are dropped: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let stock = checkedmap::CheckedMap::from([("nails", 30), ("screws", 12)]);
    /// assert_eq!(stock.values().sum::<i32>(), 42);
    /// ```
    #[inline]
    #[track_caller]
    pub fn values(&self) -> Values<'_, K, V> {
        Values(Iter::new(self.cell.read_as(Operation::Values)))
    }

    /// Walks keys and values, in no particular order.
    ///
    /// # Conflicts
    ///
    /// A read, until the iterator and all its items are dropped: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let stock = checkedmap::CheckedMap::from([("nails", 30), ("screws", 12)]);
    /// let mut lines: Vec<_> = stock.iter().map(|(name, n)| format!("{name}: {n}")).collect();
    /// lines.sort();
    /// assert_eq!(lines, ["nails: 30", "screws: 12"]);
    /// ```
    #[inline]
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter::new(self.cell.read_as(Operation::Iter))
    }

    /// How many entries there are.
    ///
    /// # Conflicts
    ///
    /// A read: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn len(&self) -> usize {
        self.cell.read_as(Operation::Len).len()
    }

    /// Whether there are no entries.
    ///
    /// # Conflicts
    ///
    /// A read: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn is_empty(&self) -> bool {
        self.cell.read_as(Operation::IsEmpty).is_empty()
    }

    /// What hashes the keys.
    ///
    /// # Conflicts
    ///
    /// A read, until the guard is dropped: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn hasher(&self) -> Ref<'_, S> {
        always(self.cell.read_as(Operation::Hasher), |map| map.hasher())
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> CheckedMap<K, V, S> {
    /// The value of a key, lent for reading.
    ///
    /// # Conflicts
    ///
    /// A read, until the guard is dropped: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    ///
    /// # Examples
    ///
    /// ```
    /// let capitals = checkedmap::CheckedMap::from([("France", "Paris")]);
    /// assert_eq!(capitals.get("France").unwrap(), "Paris");
    /// assert!(capitals.get("Atlantis").is_none());
    /// assert_eq!(capitals.get("France").as_deref(), Some(&"Paris"));
    /// ```
    #[doc(alias = "index")]
    // A guard that is returned through memory costs more than the rest.
    #[inline(always)]
    #[track_caller]
    pub fn get<Q>(&self, key: &Q) -> Option<Ref<'_, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        by_key::get(self.cell.read_as(Operation::Get), key)
    }

    /// The key in the map that equals `key`, and its value, lent for reading.
    ///
    /// # Conflicts
    ///
    /// A read, until both guards are dropped: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn get_key_value<Q>(&self, key: &Q) -> Option<(Ref<'_, K>, Ref<'_, V>)>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        by_key::get_key_value(self.cell.read_as(Operation::GetKeyValue), key)
    }

    /// Whether there is an entry for a key.
    ///
    /// # Conflicts
    ///
    /// A read: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`]; in every mode where this thread holds a write of the map, or where waiting would
    /// close a circle. The map stays usable.
    #[inline]
    #[track_caller]
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        by_key::contains_key(self.cell.read_as(Operation::ContainsKey), key)
    }
}

/// A guard of a part that every collection has.
#[inline]
pub(super) fn always<'a, M, T: ?Sized>(guard: ReadGuard<'a, M>, part: impl FnOnce(&M) -> &T) -> Ref<'a, T> {
    let part = NonNull::from(part(&guard));
    let (_, permit) = guard.into_parts();
    Ref::new(part, Stay::Own(permit))
}
