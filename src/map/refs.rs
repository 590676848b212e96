//! [`Ref`] and [`RefMut`]: one lent key or value, and the access it keeps open.
//!
//! A guard holds a pointer and a permit. Several guards that come from one access (the items of an iterator, the pair of
//! `get_key_value`) share its permit, and the access ends with the last of them.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::rc::Rc;

use crate::access::Operation;
use crate::cell::{ReadGuard, WriteGuard};
use crate::checkpoint::Permit;

/// A permit of one's own or a share in one.
pub(super) enum Stay<'a> {
    Own(Permit<'a>),
    Shared(Rc<Permit<'a>>),
}

impl<'a> Stay<'a> {
    fn permit(&self) -> &Permit<'a> {
        match self {
            Self::Own(permit) => permit,
            Self::Shared(permit) => permit,
        }
    }

    fn into_shared(self) -> Rc<Permit<'a>> {
        match self {
            Self::Own(permit) => Rc::new(permit),
            Self::Shared(permit) => permit,
        }
    }
}

/// A key or a value, lent for reading; dropping it ends the read.
///
/// It derefs to `T`, compares, prints, hashes and calculates as `&T` does, and `for x in value` walks the usual
/// collections. It stays on its thread: a read is one thread's, and reports name that thread. `&Ref` may be shared.
///
/// There is no method on it, so that none hides one of `T`'s: `Ref::map(guard, ..)`, `Ref::clone(&guard)`.
///
/// ```
/// use checkedmap::{CheckedMap, Ref};
///
/// let map = CheckedMap::from([("host", String::from("db.example")), ("port", String::from("5432"))]);
/// let host = map.get("host").unwrap();
/// assert!(host.starts_with("db") && host == "db.example");
///
/// let domain = Ref::map(host, |host| &host[3..]);
/// assert_eq!(*domain, *"example");
///
/// let conflict = map.try_clear().unwrap_err();
/// assert_eq!(conflict.holder().unwrap().access.operation.as_str(), "get");
/// # drop(domain);
/// ```
#[must_use = "the read ends when the guard is dropped"]
pub struct Ref<'a, T: ?Sized> {
    // A pointer, since a reference would have to stay valid to the end of any function the guard is moved into, past the
    // end of the read.
    value: NonNull<T>,
    stay: Stay<'a>,
    lent: PhantomData<&'a T>,
}

// SAFETY: a shared guard gives out `&T`, which asks for `T: Sync`, and the checkpoint behind the permit, which any thread
// may enter; the count of a shared permit changes only where a guard is made or dropped by value, on its own thread.
unsafe impl<T: ?Sized + Sync> Sync for Ref<'_, T> {}

impl<'a, T: ?Sized> Ref<'a, T> {
    /// `value` is inside the collection that `stay` keeps open for reading.
    pub(super) fn new(value: NonNull<T>, stay: Stay<'a>) -> Self {
        Self { value, stay, lent: PhantomData }
    }

    /// A share in an access of which there may be several.
    pub(super) fn shared(value: NonNull<T>, permit: &Rc<Permit<'a>>) -> Self {
        Self::new(value, Stay::Shared(Rc::clone(permit)))
    }

    /// What `find` finds in a collection.
    // Always: returned through memory, the guard costs as much as the lookup.
    #[inline(always)]
    pub(super) fn find<M>(guard: ReadGuard<'a, M>, find: impl FnOnce(&M) -> Option<&T>) -> Option<Self> {
        let found = find(&guard).map(NonNull::from);
        Self::found(guard, found)
    }

    /// What was found in the guard's value.
    #[inline(always)]
    pub(super) fn found<M>(guard: ReadGuard<'a, M>, value: Option<NonNull<T>>) -> Option<Self> {
        let (_, permit) = guard.into_parts();
        Some(Self::new(value?, Stay::Own(permit)))
    }

    pub(super) fn into_parts(self) -> (NonNull<T>, Rc<Permit<'a>>) {
        (self.value, self.stay.into_shared())
    }

    /// A guard of a part of the value.
    pub fn map<U: ?Sized>(guard: Self, part: impl FnOnce(&T) -> &U) -> Ref<'a, U> {
        let value = NonNull::from(part(&guard));
        Ref::new(value, guard.stay)
    }

    /// A guard of a part of the value, if there is such a part.
    ///
    /// # Errors
    ///
    /// Hands the guard back where `part` finds nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::{CheckedMap, Ref};
    ///
    /// let map = CheckedMap::from([("primes", vec![2, 3, 5])]);
    /// let first = Ref::filter_map(map.get("primes").unwrap(), |primes| primes.first());
    /// assert_eq!(first.unwrap(), 2);
    /// ```
    pub fn filter_map<U: ?Sized>(guard: Self, part: impl FnOnce(&T) -> Option<&U>) -> Result<Ref<'a, U>, Self> {
        match part(&guard).map(NonNull::from) {
            Some(value) => Ok(Ref::new(value, guard.stay)),
            None => Err(guard),
        }
    }

    /// A second guard of the same value. An associated function, so that `guard.clone()` clones the value.
    ///
    /// # Conflicts
    ///
    /// A read of its own, by the calling thread, which may be another one than the guard's. The guard keeps writers out, so
    /// it collides with nothing.
    #[allow(clippy::should_implement_trait)]
    #[track_caller]
    pub fn clone(guard: &Self) -> Self {
        let permit = guard.stay.permit().read_again(Operation::Get);
        Self::new(guard.value, Stay::Own(permit))
    }
}

impl<T: ?Sized> Deref for Ref<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the pointer is into a live collection ('a), and while the permit lives no write is inside.
        unsafe { self.value.as_ref() }
    }
}

/// A value, lent for writing; dropping it ends the write.
///
/// It derefs to `T`; everything said of [`Ref`] holds for it too.
///
/// ```
/// use checkedmap::CheckedMap;
///
/// let map = CheckedMap::from([("stock", 3)]);
/// *map.get_mut("stock").unwrap() -= 1;
///
/// let stock = map.get_mut("stock").unwrap();
/// let conflict = map.try_get("stock").unwrap_err();
/// assert_eq!(conflict.kind(), checkedmap::ConflictKind::Reentrant);
/// assert_eq!(stock, 2);
/// ```
#[must_use = "the write ends when the guard is dropped"]
pub struct RefMut<'a, T: ?Sized> {
    // A pointer for the same reason as in `Ref`.
    value: NonNull<T>,
    stay: Stay<'a>,
    lent: PhantomData<&'a mut T>,
}

// SAFETY: a shared guard gives out `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for RefMut<'_, T> {}

impl<'a, T: ?Sized> RefMut<'a, T> {
    /// `value` is inside the collection that `stay` keeps open for writing, and no other guard's.
    pub(super) fn new(value: NonNull<T>, stay: Stay<'a>) -> Self {
        Self { value, stay, lent: PhantomData }
    }

    /// What `find` finds in a collection.
    // Always: returned through memory, the guard costs as much as the lookup.
    #[inline(always)]
    pub(super) fn find<M>(mut guard: WriteGuard<'a, M>, find: impl FnOnce(&mut M) -> Option<&mut T>) -> Option<Self> {
        let found = find(&mut guard).map(NonNull::from);
        Self::found(guard, found)
    }

    /// What was found in the guard's value.
    #[inline(always)]
    pub(super) fn found<M>(guard: WriteGuard<'a, M>, value: Option<NonNull<T>>) -> Option<Self> {
        let (_, permit) = guard.into_parts();
        Some(Self::new(value?, Stay::Own(permit)))
    }

    /// A guard of a part of the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use checkedmap::{CheckedMap, RefMut};
    ///
    /// let map = CheckedMap::from([("ada", (36, "London"))]);
    /// let mut age = RefMut::map(map.get_mut("ada").unwrap(), |(age, _)| age);
    /// *age += 1;
    /// drop(age);
    /// assert_eq!(map.get("ada").unwrap().0, 37);
    /// ```
    pub fn map<U: ?Sized>(mut guard: Self, part: impl FnOnce(&mut T) -> &mut U) -> RefMut<'a, U> {
        let value = NonNull::from(part(&mut guard));
        RefMut::new(value, guard.stay)
    }

    /// A guard of a part of the value, if there is such a part.
    ///
    /// # Errors
    ///
    /// Hands the guard back where `part` finds nothing.
    pub fn filter_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<RefMut<'a, U>, Self> {
        match part(&mut guard).map(NonNull::from) {
            Some(value) => Ok(RefMut::new(value, guard.stay)),
            None => Err(guard),
        }
    }
}

impl<T: ?Sized> Deref for RefMut<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the pointer is into a live collection ('a), and while the permit lives nobody else is inside.
        unsafe { self.value.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for RefMut<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; the exclusive borrow of the guard makes the reference the only one to this value.
        unsafe { self.value.as_mut() }
    }
}

macro_rules! formats {
    ($($trait:ident)*) => {$(
        impl<T: ?Sized + fmt::$trait> fmt::$trait for Ref<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + fmt::$trait> fmt::$trait for RefMut<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }
    )*};
}

formats! { Debug Display LowerHex UpperHex Octal Binary LowerExp UpperExp }
