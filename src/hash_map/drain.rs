//! [`Drain`]: a map emptied into an iterator.

use std::fmt;
use std::iter::FusedIterator;
use std::mem::ManuallyDrop;

use hashbrown::hash_table;

use super::body::Core;
use super::iter::Walk;
use crate::access::Access;

/// Entries by value, from [`HashMap::drain`](super::HashMap::drain).
///
/// While it lives the map is empty and the entries are the iterator's own, so steps make no access. Its drop is a write: the
/// allocation goes back to the map.
///
/// # Panics
///
/// Its drop, where another access is inside the map, as [`HashMap`](super::HashMap) says, and in every mode where somebody
/// has written to the map meanwhile: their entries stay, and the drained allocation is leaked.
pub struct Drain<'a, K: 'a, V: 'a> {
    /// Its own drop moves the allocation back, so it happens with a permit or not at all.
    entries: ManuallyDrop<hash_table::Drain<'a, (K, V)>>,
    walk: Walk<'a, K, V>,
}

impl<'a, K, V> Drain<'a, K, V> {
    #[inline]
    #[track_caller]
    pub(super) fn new(core: Core<'a, K, V>, access: Access) -> Self {
        let mut writing = core.write(access);
        // SAFETY: the table's reference ends with this function, before the permit does, and is the only one. The drain
        // comes back to the table in its drop only, which takes a permit and makes sure that nobody has written.
        let entries = unsafe { writing.lend() }.drain();
        Self { entries: ManuallyDrop::new(entries), walk: Walk::new(writing.lease(), access) }
    }
}

impl<K, V> Drop for Drain<'_, K, V> {
    fn drop(&mut self) {
        // The entries' own drops run outside the gate. Should one panic the rest is leaked, and the map stays empty.
        self.entries.by_ref().for_each(drop);
        if std::thread::panicking() && !self.walk.is_current() {
            // Saying so would end the process.
            return;
        }
        let _inside = self.walk.write();
        // SAFETY: dropped once, here. The table that it moves back to is alive, empty and ours: the permit and the lease
        // say so.
        unsafe { ManuallyDrop::drop(&mut self.entries) };
    }
}

impl<K, V> Iterator for Drain<'_, K, V> {
    type Item = (K, V);

    #[inline]
    fn next(&mut self) -> Option<(K, V)> {
        self.entries.next()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<K, V> ExactSizeIterator for Drain<'_, K, V> {
    #[inline]
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<K, V> FusedIterator for Drain<'_, K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Drain<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter()).finish()
    }
}
