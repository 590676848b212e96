//! The traits of std's `HashMap`, for [`CheckedMap`].

use std::collections::{HashMap, hash_map};
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};

use crate::access::{Operation, Site};
use crate::map::{CheckedMap, IntoIter, Iter, IterMut, Ref};

impl<K, V, S: Default> Default for CheckedMap<K, V, S> {
    #[track_caller]
    fn default() -> Self {
        Self::around(HashMap::default(), Site::caller())
    }
}

/// Makes one read if the map is free. A busy map prints a placeholder, and that is no conflict.
impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for CheckedMap<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cell.peek_as(Operation::Debug) {
            Some(map) => map.fmt(f),
            None => f.write_str("{<busy>}"),
        }
    }
}

/// The clone keeps the name and the map's own mode.
impl<K: Clone, V: Clone, S: Clone> Clone for CheckedMap<K, V, S> {
    /// A map with a clone of every entry.
    ///
    /// # Conflicts
    ///
    /// A read: it collides with a write by another thread.
    ///
    /// # Panics
    ///
    /// On a conflict in [`Mode::Panic`](crate::Mode::Panic); in every mode where this thread holds a write of the map.
    #[track_caller]
    fn clone(&self) -> Self {
        let copy = self.cell.read_as(Operation::Clone).clone();
        let mut clone = Self::around(copy, Site::caller());
        if let Some(name) = self.name() {
            clone.cell.checkpoint_mut().set_name(name.to_owned().into());
        }
        clone.set_mode(self.cell.checkpoint().own_mode());
        clone.set_hunt(self.cell.checkpoint().own_hunt());
        clone.set_stale_checks(self.cell.checkpoint().own_stale_checks());
        clone
    }

    /// Replaces the entries; this map keeps its own name and mode.
    #[track_caller]
    fn clone_from(&mut self, source: &Self) {
        self.inner_mut().clone_from(&source.cell.read_as(Operation::Clone));
    }
}

/// Makes one read of each map.
impl<K: Eq + Hash, V: PartialEq, S: BuildHasher> PartialEq for CheckedMap<K, V, S> {
    #[track_caller]
    fn eq(&self, other: &Self) -> bool {
        let own = self.cell.read_as(Operation::Eq);
        let other = other.cell.read_as(Operation::Eq);
        *own == *other
    }
}

impl<K: Eq + Hash, V: Eq, S: BuildHasher> Eq for CheckedMap<K, V, S> {}

/// A map made by `collect` is reported by a line of std's, which calls this: give it a name with
/// [`CheckedMap::named`] and [`CheckedMap::extend`], or make it with `CheckedMap::from_iter`, where its place matters.
impl<K: Eq + Hash, V, S: BuildHasher + Default> FromIterator<(K, V)> for CheckedMap<K, V, S> {
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let site = Site::caller();
        Self::around(HashMap::from_iter(entries), site)
    }
}

impl<K: Eq + Hash, V, const N: usize> From<[(K, V); N]> for CheckedMap<K, V, RandomState> {
    #[track_caller]
    fn from(entries: [(K, V); N]) -> Self {
        Self::around(HashMap::from(entries), Site::caller())
    }
}

impl<K, V, S> From<HashMap<K, V, S>> for CheckedMap<K, V, S> {
    #[track_caller]
    fn from(map: HashMap<K, V, S>) -> Self {
        Self::around(map, Site::caller())
    }
}

impl<K, V, S> From<CheckedMap<K, V, S>> for HashMap<K, V, S> {
    fn from(map: CheckedMap<K, V, S>) -> Self {
        map.into_inner()
    }
}

impl<K, V, S> IntoIterator for CheckedMap<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(self) -> IntoIter<K, V> {
        self.into_inner().into_iter()
    }
}

/// One read, as [`CheckedMap::iter`].
impl<'a, K, V, S> IntoIterator for &'a CheckedMap<K, V, S> {
    type Item = (Ref<'a, K>, Ref<'a, V>);
    type IntoIter = Iter<'a, K, V>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

/// Makes no access, as [`CheckedMap::iter_mut`].
impl<'a, K, V, S> IntoIterator for &'a mut CheckedMap<K, V, S> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    fn into_iter(self) -> hash_map::IterMut<'a, K, V> {
        self.iter_mut()
    }
}

/// Makes no access: the borrow is exclusive.
impl<K: Eq + Hash, V, S: BuildHasher> Extend<(K, V)> for CheckedMap<K, V, S> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.inner_mut().extend(entries);
    }
}

/// Makes no access: the borrow is exclusive.
impl<'a, K: Eq + Hash + Copy, V: Copy, S: BuildHasher> Extend<(&'a K, &'a V)> for CheckedMap<K, V, S> {
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        self.inner_mut().extend(entries);
    }
}

/// One write, as [`CheckedMap::extend`].
impl<K: Eq + Hash, V, S: BuildHasher> Extend<(K, V)> for &CheckedMap<K, V, S> {
    #[track_caller]
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        CheckedMap::extend(self, entries);
    }
}

/// One write, as [`CheckedMap::extend`].
impl<'a, K: Eq + Hash + Copy, V: Copy, S: BuildHasher> Extend<(&'a K, &'a V)> for &CheckedMap<K, V, S> {
    #[track_caller]
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        CheckedMap::extend(self, entries);
    }
}
