//! Iterators that borrow a map.
//!
//! They have no drop glue, as std's have none, so they hold no permit between steps. A step enters the gate, makes sure that
//! nobody has written since the iterator was made, advances, and leaves. Folding (`for_each`, `sum`, `count`, ...) is one
//! call and one access.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

use hashbrown::hash_table;

use super::body::{Core, Lease, Reading, Writing};
use crate::access::{Access, Operation};

/// Which access each step of an iterator makes, on which map. The site is that of the iterator's making.
pub(super) struct Walk<'a, K, V> {
    lease: Lease<'a, K, V>,
    access: Access,
}

impl<K, V> Clone for Walk<'_, K, V> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Walk<'_, K, V> {}

impl<'a, K, V> Walk<'a, K, V> {
    pub(super) fn new(lease: Lease<'a, K, V>, access: Access) -> Self {
        Self { lease, access }
    }

    #[inline]
    #[track_caller]
    pub(super) fn look(&self) -> Reading<'a, K, V> {
        self.lease.read(self.access)
    }

    #[inline]
    #[track_caller]
    pub(super) fn write(&mut self) -> Writing<'a, K, V> {
        self.lease.write(self.access)
    }

    /// Whether nobody has written since.
    #[track_caller]
    pub(super) fn is_current(&self) -> bool {
        self.lease.is_current(self.access)
    }
}

/// Keys and values, from [`HashMap::iter`](super::HashMap::iter).
pub struct Iter<'a, K: 'a, V: 'a> {
    entries: hash_table::Iter<'a, (K, V)>,
    /// `None` where there was nothing to walk.
    walk: Option<Walk<'a, K, V>>,
}

impl<'a, K, V> Iter<'a, K, V> {
    #[inline]
    #[track_caller]
    pub(super) fn new(core: Option<Core<'a, K, V>>, access: Access) -> Self {
        let Some(core) = core else { return Self::default() };
        let reading = core.read(access);
        // SAFETY: the table's reference ends with this function, before the permit does; the iterator it lends is advanced
        // with a permit only, once it is sure that nobody has written.
        let entries = unsafe { reading.lend() }.iter();
        Self { entries, walk: Some(Walk::new(reading.lease(), access)) }
    }

    /// Enters for a step; `None` where there is nothing left to step to.
    #[inline]
    #[track_caller]
    fn enter(&self) -> Option<Reading<'a, K, V>> {
        let walk = self.walk.as_ref()?;
        if self.entries.len() == 0 { None } else { Some(walk.look()) }
    }
}

impl<K, V> Clone for Iter<'_, K, V> {
    #[inline]
    fn clone(&self) -> Self {
        Self { entries: self.entries.clone(), walk: self.walk }
    }
}

impl<K, V> Default for Iter<'_, K, V> {
    #[inline]
    fn default() -> Self {
        Self { entries: hash_table::Iter::default(), walk: None }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    #[inline]
    #[track_caller]
    fn next(&mut self) -> Option<(&'a K, &'a V)> {
        let _inside = self.enter()?;
        self.entries.next().map(|(key, value)| (key, value))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }

    #[inline]
    fn count(self) -> usize {
        self.entries.len()
    }

    #[inline]
    #[track_caller]
    fn fold<B, F>(self, init: B, mut f: F) -> B
    where
        F: FnMut(B, Self::Item) -> B,
    {
        let _inside = self.enter();
        self.entries.fold(init, |folded, (key, value)| f(folded, (key, value)))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {
    #[inline]
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<K, V> FusedIterator for Iter<'_, K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Iter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// Keys and values, the values for writing, from [`HashMap::iter_mut`](super::HashMap::iter_mut).
pub struct IterMut<'a, K: 'a, V: 'a> {
    entries: hash_table::UnsafeIter<'a, (K, V)>,
    /// `None` where there was nothing to walk.
    walk: Option<Walk<'a, K, V>>,
    lent: PhantomData<(&'a K, &'a mut V)>,
}

// SAFETY: sending the iterator sends the exclusive borrow of the entries it has not come to, and with it what could be done
// with the keys: nobody else can reach them. Hence Send for both.
unsafe impl<K: Send, V: Send> Send for IterMut<'_, K, V> {}

impl<'a, K, V> IterMut<'a, K, V> {
    #[inline]
    #[track_caller]
    pub(super) fn new(core: Option<Core<'a, K, V>>, access: Access) -> Self {
        let Some(core) = core else { return Self::default() };
        let mut writing = core.write(access);
        // SAFETY: the table's reference ends with this function, before the permit does, and is the only one; the iterator
        // it lends is advanced with a permit only, once it is sure that nobody else has written.
        let entries = unsafe { writing.lend() }.unsafe_iter();
        Self { entries, walk: Some(Walk::new(writing.lease(), access)), lent: PhantomData }
    }

    /// Enters for a step; `None` where there is nothing left to step to.
    #[inline]
    #[track_caller]
    fn enter(&mut self) -> Option<Writing<'a, K, V>> {
        let walk = self.walk.as_mut()?;
        if self.entries.len() == 0 { None } else { Some(walk.write()) }
    }

    /// A read, for looking at [`IterMut::rest`].
    #[track_caller]
    fn look(&self) -> Option<Reading<'a, K, V>> {
        self.walk.map(|walk| Walk { access: as_debug(walk.access), ..walk }.look())
    }

    /// What is left.
    fn rest(&self) -> hash_table::Iter<'_, (K, V)> {
        self.entries.iter()
    }
}

/// Printing an iterator reads, whatever its steps do.
fn as_debug(access: Access) -> Access {
    Access { operation: Operation::Debug, ..access }
}

impl<K, V> Default for IterMut<'_, K, V> {
    #[inline]
    fn default() -> Self {
        Self { entries: hash_table::UnsafeIter::default(), walk: None, lent: PhantomData }
    }
}

impl<'a, K, V> Iterator for IterMut<'a, K, V> {
    type Item = (&'a K, &'a mut V);

    #[inline]
    #[track_caller]
    fn next(&mut self) -> Option<(&'a K, &'a mut V)> {
        let _inside = self.enter()?;
        let mut entry = self.entries.next()?;
        // SAFETY: the permit and the lease say that the table is as this iterator left it, so the bucket is alive; it is
        // yielded once, on the strength of the map's exclusive borrow.
        let (key, value) = unsafe { entry.as_mut() };
        Some((key, value))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }

    #[inline]
    fn count(self) -> usize {
        self.entries.len()
    }

    #[inline]
    #[track_caller]
    fn fold<B, F>(mut self, init: B, mut f: F) -> B
    where
        F: FnMut(B, Self::Item) -> B,
    {
        let _inside = self.enter();
        self.entries.fold(init, |folded, mut entry| {
            // SAFETY: as in `next`.
            let (key, value) = unsafe { entry.as_mut() };
            f(folded, (key, value))
        })
    }
}

impl<K, V> ExactSizeIterator for IterMut<'_, K, V> {
    #[inline]
    fn len(&self) -> usize {
        self.entries.len()
    }
}

impl<K, V> FusedIterator for IterMut<'_, K, V> {}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for IterMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _inside = self.look();
        f.debug_list().entries(self.rest()).finish()
    }
}

macro_rules! project {
    ($(#[$doc:meta])* $name:ident over $walks:ident, $item:ty, $pick:expr) => {
        $(#[$doc])*
        pub struct $name<'a, K: 'a, V: 'a> {
            entries: $walks<'a, K, V>,
        }

        impl<'a, K, V> $name<'a, K, V> {
            #[inline]
            pub(super) fn new(entries: $walks<'a, K, V>) -> Self {
                Self { entries }
            }
        }

        impl<K, V> Default for $name<'_, K, V> {
            #[inline]
            fn default() -> Self {
                Self { entries: $walks::default() }
            }
        }

        impl<'a, K, V> Iterator for $name<'a, K, V> {
            type Item = $item;

            #[inline]
            #[track_caller]
            fn next(&mut self) -> Option<$item> {
                self.entries.next().map($pick)
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                self.entries.size_hint()
            }

            #[inline]
            fn count(self) -> usize {
                self.entries.len()
            }

            #[inline]
            #[track_caller]
            fn fold<B, F>(self, init: B, mut f: F) -> B
            where
                F: FnMut(B, Self::Item) -> B,
            {
                self.entries.fold(init, |folded, entry| f(folded, $pick(entry)))
            }
        }

        impl<K, V> ExactSizeIterator for $name<'_, K, V> {
            #[inline]
            fn len(&self) -> usize {
                self.entries.len()
            }
        }

        impl<K, V> FusedIterator for $name<'_, K, V> {}
    };
}

project! {
    /// Keys, from [`HashMap::keys`](super::HashMap::keys).
    Keys over Iter, &'a K, |(key, _)| key
}

project! {
    /// Values, from [`HashMap::values`](super::HashMap::values).
    Values over Iter, &'a V, |(_, value)| value
}

project! {
    /// Values for writing, from [`HashMap::values_mut`](super::HashMap::values_mut).
    ValuesMut over IterMut, &'a mut V, |(_, value)| value
}

impl<K, V> Clone for Keys<'_, K, V> {
    #[inline]
    fn clone(&self) -> Self {
        Self { entries: self.entries.clone() }
    }
}

impl<K, V> Clone for Values<'_, K, V> {
    #[inline]
    fn clone(&self) -> Self {
        Self { entries: self.entries.clone() }
    }
}

impl<K: fmt::Debug, V> fmt::Debug for Keys<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<K, V: fmt::Debug> fmt::Debug for Values<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<K, V: fmt::Debug> fmt::Debug for ValuesMut<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _inside = self.entries.look();
        f.debug_list().entries(self.entries.rest().map(|(_, value)| value)).finish()
    }
}
