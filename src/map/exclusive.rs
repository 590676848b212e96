//! What an exclusive borrow, or ownership, of a map allows without an access.

use std::collections::HashMap;

use crate::map::{CheckedMap, IntoKeys, IntoValues, IterMut, ValuesMut};

impl<K, V, S> CheckedMap<K, V, S> {
    /// The map inside, without an access: the exclusive borrow proves that nobody else is inside.
    ///
    /// Not called `get_mut`, which is std's name for the look-up of a value. A guard that was leaked with `mem::forget`
    /// does not count: its borrow has ended.
    #[doc(alias = "get_mut")]
    pub fn inner_mut(&mut self) -> &mut HashMap<K, V, S> {
        self.cell.get_mut()
    }

    /// The map inside. No access is made.
    #[must_use]
    pub fn into_inner(self) -> HashMap<K, V, S> {
        self.cell.into_inner()
    }

    /// Walks keys and values, lending the values for writing. No access is made.
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V> {
        self.inner_mut().iter_mut()
    }

    /// Walks the values, lending them for writing. No access is made.
    pub fn values_mut(&mut self) -> ValuesMut<'_, K, V> {
        self.inner_mut().values_mut()
    }

    /// The keys, consuming the map. No access is made.
    pub fn into_keys(self) -> IntoKeys<K, V> {
        self.into_inner().into_keys()
    }

    /// The values, consuming the map. No access is made.
    pub fn into_values(self) -> IntoValues<K, V> {
        self.into_inner().into_values()
    }
}
