//! `for x in value` where the value of a map is itself a collection.
//!
//! A borrowed guard gives what the collection gives. A guard given away lends its elements one by one, as [`Ref`]s that
//! share its read. The latter is for std's collections only: the iterator of a stranger's collection could keep the long
//! reference that it is made from.

use std::collections::{
    BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque, binary_heap, btree_map, btree_set,
    hash_map, hash_set, linked_list, vec_deque,
};
use std::fmt;
use std::ptr::NonNull;
use std::rc::Rc;
use std::{option, slice};

use crate::checkpoint::Permit;
use crate::map::held::Held;
use crate::map::{Ref, RefMut};

impl<'s, T: ?Sized> IntoIterator for &'s Ref<'_, T>
where
    &'s T: IntoIterator,
{
    type Item = <&'s T as IntoIterator>::Item;
    type IntoIter = <&'s T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (**self).into_iter()
    }
}

impl<'s, T: ?Sized> IntoIterator for &'s RefMut<'_, T>
where
    &'s T: IntoIterator,
{
    type Item = <&'s T as IntoIterator>::Item;
    type IntoIter = <&'s T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (**self).into_iter()
    }
}

impl<'s, T: ?Sized> IntoIterator for &'s mut RefMut<'_, T>
where
    &'s mut T: IntoIterator,
{
    type Item = <&'s mut T as IntoIterator>::Item;
    type IntoIter = <&'s mut T as IntoIterator>::IntoIter;

    fn into_iter(self) -> Self::IntoIter {
        (**self).into_iter()
    }
}

/// Walks a collection that a [`Ref`] lends; the items share its read.
#[must_use = "the read ends when the iterator is dropped"]
pub struct Elements<'a, I> {
    // Above the permit, so that it goes first.
    elements: Held<I>,
    permit: Rc<Permit<'a>>,
}

impl<'a, I> Elements<'a, I> {
    /// `walk` makes an iterator that keeps no reference after it is dropped.
    fn new<T: ?Sized>(guard: Ref<'a, T>, walk: impl FnOnce(&'a T) -> I) -> Self {
        let (value, permit) = guard.into_parts();
        // SAFETY: the pointer is into a live collection ('a), and while the permit lives no write is inside; the reference
        // goes into the iterator, which goes before the permit does.
        let value: &'a T = unsafe { value.as_ref() };
        Self { elements: Held::new(walk(value)), permit }
    }
}

impl<'a, T: 'a, I: Iterator<Item = &'a T>> Iterator for Elements<'a, I> {
    type Item = Ref<'a, T>;

    fn next(&mut self) -> Option<Ref<'a, T>> {
        let element = self.elements.next()?;
        Some(Ref::shared(NonNull::from(element), &self.permit))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.elements.size_hint()
    }
}

impl<'a, T: 'a, I: DoubleEndedIterator<Item = &'a T>> DoubleEndedIterator for Elements<'a, I> {
    fn next_back(&mut self) -> Option<Ref<'a, T>> {
        let element = self.elements.next_back()?;
        Some(Ref::shared(NonNull::from(element), &self.permit))
    }
}

impl<'a, T: 'a, I: ExactSizeIterator<Item = &'a T>> ExactSizeIterator for Elements<'a, I> {}

impl<I> fmt::Debug for Elements<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Elements").finish_non_exhaustive()
    }
}

/// Walks a map that a [`Ref`] lends; the items share its read.
#[must_use = "the read ends when the iterator is dropped"]
pub struct Entries<'a, I>(Elements<'a, I>);

impl<'a, K: 'a, V: 'a, I: Iterator<Item = (&'a K, &'a V)>> Iterator for Entries<'a, I> {
    type Item = (Ref<'a, K>, Ref<'a, V>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.0.elements.next()?;
        let permit = &self.0.permit;
        Some((Ref::shared(NonNull::from(key), permit), Ref::shared(NonNull::from(value), permit)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.elements.size_hint()
    }
}

impl<I> fmt::Debug for Entries<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries").finish_non_exhaustive()
    }
}

macro_rules! collections {
    ($([$($generics:tt)*] $collection:ty => $iter:ty, $walk:ident of $item:ty, $make:expr;)*) => {$(
        impl<'a, $($generics)*> IntoIterator for Ref<'a, $collection> {
            type Item = $item;
            type IntoIter = $walk<'a, $iter>;

            fn into_iter(self) -> Self::IntoIter {
                ($make)(Elements::new(self, |collection| collection.iter()))
            }
        }
    )*};
}

collections! {
    [T] Vec<T> => slice::Iter<'a, T>, Elements of Ref<'a, T>, |walk| walk;
    [T] [T] => slice::Iter<'a, T>, Elements of Ref<'a, T>, |walk| walk;
    [T, const N: usize] [T; N] => slice::Iter<'a, T>, Elements of Ref<'a, T>, |walk| walk;
    [T] Option<T> => option::Iter<'a, T>, Elements of Ref<'a, T>, |walk| walk;
    [T] VecDeque<T> => vec_deque::Iter<'a, T>, Elements of Ref<'a, T>, |walk| walk;
    [T] LinkedList<T> => linked_list::Iter<'a, T>, Elements of Ref<'a, T>, |walk| walk;
    [T] BinaryHeap<T> => binary_heap::Iter<'a, T>, Elements of Ref<'a, T>, |walk| walk;
    [T] BTreeSet<T> => btree_set::Iter<'a, T>, Elements of Ref<'a, T>, |walk| walk;
    [T, S] HashSet<T, S> => hash_set::Iter<'a, T>, Elements of Ref<'a, T>, |walk| walk;
    [K, V] BTreeMap<K, V> => btree_map::Iter<'a, K, V>, Entries of (Ref<'a, K>, Ref<'a, V>), Entries;
    [K, V, S] HashMap<K, V, S> => hash_map::Iter<'a, K, V>, Entries of (Ref<'a, K>, Ref<'a, V>), Entries;
}
