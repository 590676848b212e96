//! Walks that take entries out of a [`CheckedMap`](crate::CheckedMap).

use std::collections::hash_map;
use std::fmt;
use std::iter::FusedIterator;

use crate::cell::WriteGuard;
use crate::checkpoint::Permit;
use crate::map::held::Held;

/// The entries taken out by [`CheckedMap::drain`](crate::CheckedMap::drain).
///
/// They have left the map: no access is open.
pub struct Drain<K, V>(std::vec::IntoIter<(K, V)>);

impl<K, V> Drain<K, V> {
    pub(super) fn new<S>(mut map: WriteGuard<'_, hash_map::HashMap<K, V, S>>) -> Self {
        Self(map.drain().collect::<Vec<_>>().into_iter())
    }
}

impl<K, V> Iterator for Drain<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, V> ExactSizeIterator for Drain<K, V> {}

impl<K, V> FusedIterator for Drain<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Drain<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.as_slice()).finish()
    }
}

/// Takes out what a closure picks: made by [`CheckedMap::extract_if`](crate::CheckedMap::extract_if).
///
/// The write lasts as long as the iterator.
#[must_use = "iterators are lazy, and the write ends when the iterator is dropped"]
pub struct ExtractIf<'a, K, V, F> {
    // Above the permit, so that it goes first.
    entries: Held<hash_map::ExtractIf<'a, K, V, F>>,
    _permit: Permit<'a>,
}

impl<'a, K, V, F: FnMut(&K, &mut V) -> bool> ExtractIf<'a, K, V, F> {
    pub(super) fn new<S>(guard: WriteGuard<'a, hash_map::HashMap<K, V, S>>, pick: F) -> Self {
        let (mut map, permit) = guard.into_parts();
        // SAFETY: the pointer is into a live collection ('a), and while the permit lives nobody else is inside; the reference
        // goes into the iterator, which goes before the permit does.
        let map: &'a mut hash_map::HashMap<K, V, S> = unsafe { map.as_mut() };
        Self { entries: Held::new(map.extract_if(pick)), _permit: permit }
    }
}

impl<K, V, F: FnMut(&K, &mut V) -> bool> Iterator for ExtractIf<'_, K, V, F> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.entries.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<K, V, F: FnMut(&K, &mut V) -> bool> FusedIterator for ExtractIf<'_, K, V, F> {}

impl<K: fmt::Debug, V: fmt::Debug, F> fmt::Debug for ExtractIf<'_, K, V, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtractIf").finish_non_exhaustive()
    }
}
