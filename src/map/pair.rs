//! [`IntoPair`]: what [`CheckedMap::extend`](crate::CheckedMap::extend) takes.

use crate::map::Ref;

/// A key and a value, owned, or lent and cheap to copy: the items that std's map can be extended with.
pub trait IntoPair<K, V> {
    /// The pair to insert.
    fn into_pair(self) -> (K, V);
}

impl<K, V> IntoPair<K, V> for (K, V) {
    fn into_pair(self) -> (K, V) {
        self
    }
}

impl<K: Copy, V: Copy> IntoPair<K, V> for (&K, &V) {
    fn into_pair(self) -> (K, V) {
        (*self.0, *self.1)
    }
}

impl<K: Copy, V: Copy> IntoPair<K, V> for (Ref<'_, K>, Ref<'_, V>) {
    fn into_pair(self) -> (K, V) {
        (*self.0, *self.1)
    }
}
