//! Walks over a [`CheckedMap`](crate::CheckedMap): one read, shared by the iterator and by every item it has given out.

use std::collections::hash_map;
use std::fmt;
use std::iter::FusedIterator;
use std::ptr::NonNull;
use std::rc::Rc;

use crate::cell::ReadGuard;
use crate::checkpoint::Permit;
use crate::map::held::Held;
use crate::map::refs::Ref;

/// Walks keys and values: made by [`CheckedMap::iter`](crate::CheckedMap::iter).
///
/// The read lasts as long as the iterator or any of its items.
#[must_use = "the read ends when the iterator is dropped"]
pub struct Iter<'a, K, V> {
    // Above the permit, so that it goes first.
    entries: Held<hash_map::Iter<'a, K, V>>,
    permit: Rc<Permit<'a>>,
}

impl<'a, K, V> Iter<'a, K, V> {
    pub(super) fn new<S>(guard: ReadGuard<'a, hash_map::HashMap<K, V, S>>) -> Self {
        let (map, permit) = guard.into_parts();
        // SAFETY: the pointer is into a live collection ('a), and while the permit lives no write is inside; the reference
        // goes into the iterator, which goes before the permit does.
        let map: &'a hash_map::HashMap<K, V, S> = unsafe { map.as_ref() };
        Self { entries: Held::new(map.iter()), permit: Rc::new(permit) }
    }

    fn lend(&self, (key, value): (&K, &V)) -> (Ref<'a, K>, Ref<'a, V>) {
        let (key, value) = (NonNull::from(key), NonNull::from(value));
        (Ref::shared(key, &self.permit), Ref::shared(value, &self.permit))
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (Ref<'a, K>, Ref<'a, V>);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entries.next()?;
        Some(self.lend(entry))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }

    fn count(self) -> usize {
        self.entries.len()
    }
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self { entries: Held::new(self.entries.clone()), permit: Rc::clone(&self.permit) }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Iter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (*self.entries).fmt(f)
    }
}

/// Walks the keys: made by [`CheckedMap::keys`](crate::CheckedMap::keys).
///
/// The read lasts as long as the iterator or any of its items.
#[must_use = "the read ends when the iterator is dropped"]
pub struct Keys<'a, K, V>(pub(super) Iter<'a, K, V>);

impl<'a, K, V> Iterator for Keys<'a, K, V> {
    type Item = Ref<'a, K>;

    fn next(&mut self) -> Option<Self::Item> {
        let (key, _) = self.0.entries.next()?;
        Some(Ref::shared(NonNull::from(key), &self.0.permit))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    fn count(self) -> usize {
        self.0.count()
    }
}

impl<K: fmt::Debug, V> fmt::Debug for Keys<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.entries.clone().map(|(key, _)| key)).finish()
    }
}

/// Walks the values: made by [`CheckedMap::values`](crate::CheckedMap::values).
///
/// The read lasts as long as the iterator or any of its items.
#[must_use = "the read ends when the iterator is dropped"]
pub struct Values<'a, K, V>(pub(super) Iter<'a, K, V>);

impl<'a, K, V> Iterator for Values<'a, K, V> {
    type Item = Ref<'a, V>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, value) = self.0.entries.next()?;
        Some(Ref::shared(NonNull::from(value), &self.0.permit))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }

    fn count(self) -> usize {
        self.0.count()
    }
}

impl<K, V: fmt::Debug> fmt::Debug for Values<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.entries.clone().map(|(_, value)| value)).finish()
    }
}

macro_rules! walks_of_parts {
    ($($name:ident of $part:ident;)*) => {$(
        impl<'a, K, V> $name<'a, K, V> {
            /// [`Iterator::cloned`], which asks for references, for guards.
            pub fn cloned(self) -> Cloned<Self>
            where
                $part: Clone,
            {
                Cloned(self)
            }

            /// [`Iterator::copied`], which asks for references, for guards.
            pub fn copied(self) -> Cloned<Self>
            where
                $part: Copy,
            {
                Cloned(self)
            }
        }

        impl<K, V> Clone for $name<'_, K, V> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }
    )*};
}

walks_of_parts! {
    Keys of K;
    Values of V;
}

macro_rules! exact {
    ($($name:ident)*) => {$(
        impl<K, V> ExactSizeIterator for $name<'_, K, V> {}

        impl<K, V> FusedIterator for $name<'_, K, V> {}
    )*};
}

exact! { Iter Keys Values }

/// Clones what the guards of another iterator lend.
#[derive(Clone, Debug)]
#[must_use = "iterators are lazy"]
pub struct Cloned<I>(I);

impl<'a, T: Clone + 'a, I: Iterator<Item = Ref<'a, T>>> Iterator for Cloned<I> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next().map(|lent| T::clone(&lent))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<'a, T: Clone + 'a, I: ExactSizeIterator<Item = Ref<'a, T>>> ExactSizeIterator for Cloned<I> {}

impl<'a, T: Clone + 'a, I: FusedIterator<Item = Ref<'a, T>>> FusedIterator for Cloned<I> {}
