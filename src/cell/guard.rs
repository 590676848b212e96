//! The guards that lend a cell's value: for as long as one lives, its access is inside.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use crate::access::Access;
use crate::checkpoint::{Permit, Watcher};

/// Lends a value for reading; dropping it ends the read.
///
/// It stays on its thread: a read is one thread's, and reports name that thread.
#[must_use = "the read ends when the guard is dropped"]
pub struct ReadGuard<'a, T: ?Sized> {
    // A pointer, since a reference would have to stay valid to the end of any function the guard is moved into, past the
    // end of the read.
    pub(super) value: NonNull<T>,
    pub(super) permit: Permit<'a>,
    pub(super) lent: PhantomData<&'a T>,
}

// SAFETY: a shared guard gives out `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for ReadGuard<'_, T> {}

impl<'a, T: ?Sized> ReadGuard<'a, T> {
    /// [`Permit::watcher`].
    #[inline(always)]
    pub(crate) fn watcher(&self, access: Access) -> Option<Watcher<'a>> {
        self.permit.watcher(access)
    }

    /// [`Permit::aside`] with the value.
    #[inline(always)]
    pub(crate) fn aside<R>(self, work: impl FnOnce(&T) -> R) -> (Self, R) {
        let Self { value, permit, lent } = self;
        // SAFETY: the pointer is into a live cell ('a), and no write is inside while `work` runs, since the permit lives on.
        let (permit, result) = permit.aside(|| work(unsafe { value.as_ref() }));
        (Self { value, permit, lent }, result)
    }

    /// A guard of a part of the value.
    pub fn map<U: ?Sized>(guard: Self, part: impl FnOnce(&T) -> &U) -> ReadGuard<'a, U> {
        let value = NonNull::from(part(&guard));
        ReadGuard { value, permit: guard.permit, lent: PhantomData }
    }

    /// A guard of a part of the value, if there is such a part.
    ///
    /// # Errors
    ///
    /// Hands the guard back where `part` finds nothing.
    pub fn filter_map<U: ?Sized>(guard: Self, part: impl FnOnce(&T) -> Option<&U>) -> Result<ReadGuard<'a, U>, Self> {
        match part(&guard).map(NonNull::from) {
            Some(value) => Ok(ReadGuard { value, permit: guard.permit, lent: PhantomData }),
            None => Err(guard),
        }
    }

    pub(crate) fn into_parts(self) -> (NonNull<T>, Permit<'a>) {
        (self.value, self.permit)
    }
}

impl<T: ?Sized> Deref for ReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the pointer is into a live cell ('a), and while the permit lives no write is inside.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for ReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for ReadGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Lends a value for writing; dropping it ends the write.
///
/// It stays on its thread: a write is one thread's, and reports name that thread.
#[must_use = "the write ends when the guard is dropped"]
pub struct WriteGuard<'a, T: ?Sized> {
    // A pointer for the same reason as in `ReadGuard`.
    pub(super) value: NonNull<T>,
    pub(super) permit: Permit<'a>,
    pub(super) lent: PhantomData<&'a mut T>,
}

// SAFETY: a shared guard gives out `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for WriteGuard<'_, T> {}

impl<'a, T: ?Sized> WriteGuard<'a, T> {
    /// [`Permit::watcher`].
    #[inline(always)]
    pub(crate) fn watcher(&self, access: Access) -> Option<Watcher<'a>> {
        self.permit.watcher(access)
    }

    /// [`Permit::aside`] with the value.
    #[inline(always)]
    pub(crate) fn aside<R>(self, work: impl FnOnce(&mut T) -> R) -> (Self, R) {
        let Self { mut value, permit, lent } = self;
        // SAFETY: the pointer is into a live cell ('a), and nobody else is inside while `work` runs, since the permit lives
        // on; this guard, which is taken apart, has given out no reference.
        let (permit, result) = permit.aside(|| work(unsafe { value.as_mut() }));
        (Self { value, permit, lent }, result)
    }

    /// A guard of a part of the value.
    pub fn map<U: ?Sized>(mut guard: Self, part: impl FnOnce(&mut T) -> &mut U) -> WriteGuard<'a, U> {
        let value = NonNull::from(part(&mut guard));
        WriteGuard { value, permit: guard.permit, lent: PhantomData }
    }

    /// A guard of a part of the value, if there is such a part.
    ///
    /// # Errors
    ///
    /// Hands the guard back where `part` finds nothing.
    pub fn filter_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<WriteGuard<'a, U>, Self> {
        match part(&mut guard).map(NonNull::from) {
            Some(value) => Ok(WriteGuard { value, permit: guard.permit, lent: PhantomData }),
            None => Err(guard),
        }
    }

    pub(crate) fn into_parts(self) -> (NonNull<T>, Permit<'a>) {
        (self.value, self.permit)
    }
}

impl<T: ?Sized> Deref for WriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the pointer is into a live cell ('a), and while the permit lives nobody else is inside.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for WriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; the exclusive borrow of the guard makes the reference the only one.
        unsafe { self.value.as_mut() }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for WriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for WriteGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
