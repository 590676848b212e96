//! Iterators that own what a map held.
//!
//! The table left its gate as the iterator was made, so steps make no access.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ptr::NonNull;

use hashbrown::{HashTable, hash_table};

/// Entries by value, from [`HashMap`](super::HashMap)'s `into_iter`.
pub struct IntoIter<K, V> {
    owner: Owner,
    /// What the owner owns, for the compiler's judgement of variance, of drop order, and of auto traits.
    marker: PhantomData<(K, V)>,
    /// As std's it counts as pointing to what it owns, when it comes to what a panic may leave half-done.
    walked: PhantomData<NonNull<(K, V)>>,
}

/// A boxed `hash_table::IntoIter<(K, V)>`, or nothing. It is not generic, and so neither is its `Drop`, for the same reason
/// as the map's body.
struct Owner {
    entries: Option<NonNull<()>>,
    /// `drop_entries::<K, V>` of the very types.
    drop: unsafe fn(NonNull<()>),
}

// SAFETY: the iterator is its keys and values.
unsafe impl<K: Send, V: Send> Send for IntoIter<K, V> {}
// SAFETY: a shared iterator is looked through, no more.
unsafe impl<K: Sync, V: Sync> Sync for IntoIter<K, V> {}

impl Drop for Owner {
    #[inline]
    fn drop(&mut self) {
        if let Some(entries) = self.entries {
            // SAFETY: the owner owns the box, which is of the types `drop` was made for.
            unsafe { (self.drop)(entries) };
        }
    }
}

/// # Safety
///
/// `entries` is a `hash_table::IntoIter<(K, V)>` from a box that nobody uses afterwards.
unsafe fn drop_entries<K, V>(entries: NonNull<()>) {
    // SAFETY: by this function's contract.
    drop(unsafe { Box::from_raw(entries.cast::<hash_table::IntoIter<(K, V)>>().as_ptr()) });
}

impl<K, V> IntoIter<K, V> {
    #[inline]
    pub(super) fn new(table: HashTable<(K, V)>) -> Self {
        let entries = (!table.is_empty()).then(|| {
            let boxed = Box::into_raw(Box::new(table.into_iter()));
            // SAFETY: a box's pointer is never null.
            unsafe { NonNull::new_unchecked(boxed) }.cast()
        });
        Self { owner: Owner { entries, drop: drop_entries::<K, V> }, marker: PhantomData, walked: PhantomData }
    }

    #[inline]
    fn entries(&self) -> Option<&hash_table::IntoIter<(K, V)>> {
        let entries = self.owner.entries?.cast();
        // SAFETY: the box is owned and of these types, up to variance in lifetimes; the borrow is that of `self`.
        Some(unsafe { entries.as_ref() })
    }

    #[inline]
    fn entries_mut(&mut self) -> Option<&mut hash_table::IntoIter<(K, V)>> {
        let mut entries = self.owner.entries?.cast();
        // SAFETY: as in `entries`; the borrow is exclusive.
        Some(unsafe { entries.as_mut() })
    }

    /// What is left, for looking at.
    fn rest(&self) -> hash_table::Iter<'_, (K, V)> {
        self.entries().map(hash_table::IntoIter::iter).unwrap_or_default()
    }
}

impl<K, V> Default for IntoIter<K, V> {
    #[inline]
    fn default() -> Self {
        Self::new(HashTable::new())
    }
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    #[inline]
    fn next(&mut self) -> Option<(K, V)> {
        self.entries_mut()?.next()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<K, V> ExactSizeIterator for IntoIter<K, V> {
    #[inline]
    fn len(&self) -> usize {
        self.entries().map_or(0, ExactSizeIterator::len)
    }
}

impl<K, V> FusedIterator for IntoIter<K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for IntoIter<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rest()).finish()
    }
}

macro_rules! project {
    ($(#[$doc:meta])* $name:ident, $item:ident, $part:tt) => {
        $(#[$doc])*
        pub struct $name<K, V> {
            entries: IntoIter<K, V>,
        }

        impl<K, V> $name<K, V> {
            #[inline]
            pub(super) fn new(entries: IntoIter<K, V>) -> Self {
                Self { entries }
            }
        }

        impl<K, V> Default for $name<K, V> {
            #[inline]
            fn default() -> Self {
                Self { entries: IntoIter::default() }
            }
        }

        impl<K, V> Iterator for $name<K, V> {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<$item> {
                self.entries.next().map(|entry| entry.$part)
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                self.entries.size_hint()
            }
        }

        impl<K, V> ExactSizeIterator for $name<K, V> {
            #[inline]
            fn len(&self) -> usize {
                self.entries.len()
            }
        }

        impl<K, V> FusedIterator for $name<K, V> {}
    };
}

project! {
    /// Keys by value, from [`HashMap::into_keys`](super::HashMap::into_keys).
    IntoKeys, K, 0
}

project! {
    /// Values by value, from [`HashMap::into_values`](super::HashMap::into_values).
    IntoValues, V, 1
}

impl<K: fmt::Debug, V> fmt::Debug for IntoKeys<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.rest().map(|(key, _)| key)).finish()
    }
}

impl<K, V: fmt::Debug> fmt::Debug for IntoValues<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.rest().map(|(_, value)| value)).finish()
    }
}
