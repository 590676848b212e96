//! [`Held`]: a borrowing value that may be moved about after its borrow has ended.
//!
//! std's entries and iterators contain references into the table. A reference that is handed to a function must stay valid
//! to that function's end, and a guard that is dropped in the middle of one ends the access earlier. Behind `MaybeUninit`
//! the compiler makes no such claim.

use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::{Deref, DerefMut};

/// Always holds a value.
pub(super) struct Held<T>(MaybeUninit<T>);

impl<T> Held<T> {
    #[inline]
    pub(super) fn new(value: T) -> Self {
        Self(MaybeUninit::new(value))
    }

    #[inline]
    pub(super) fn into_inner(self) -> T {
        let this = ManuallyDrop::new(self);
        // SAFETY: always initialised, and `ManuallyDrop` sees to it that the value is taken once.
        unsafe { this.0.assume_init_read() }
    }
}

impl<T> Deref for Held<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: always initialised.
        unsafe { self.0.assume_init_ref() }
    }
}

impl<T> DerefMut for Held<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: always initialised.
        unsafe { self.0.assume_init_mut() }
    }
}

impl<T> Drop for Held<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: always initialised, and dropped once.
        unsafe { self.0.assume_init_drop() }
    }
}
