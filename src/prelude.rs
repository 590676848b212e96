//! Extension traits that let code written for std's map compile unchanged: `use checkedmap::prelude::*;`.

use crate::map::{Ref, RefMut};

mod sealed {
    pub trait Sealed {}
}

impl<T> sealed::Sealed for Option<Ref<'_, T>> {}
impl<T> sealed::Sealed for Option<RefMut<'_, T>> {}

/// [`Option::cloned`] and [`Option::copied`], which ask for a reference, for what [`CheckedMap::get`] and
/// [`CheckedMap::get_mut`] return.
///
/// ```
/// use checkedmap::{CheckedMap, prelude::*};
///
/// let ages = CheckedMap::from([("ada", 36)]);
/// assert_eq!(ages.get("ada").copied(), Some(36));
/// assert_eq!(ages.get("bob").copied().unwrap_or(0), 0);
/// ```
///
/// [`CheckedMap::get`]: crate::CheckedMap::get
/// [`CheckedMap::get_mut`]: crate::CheckedMap::get_mut
pub trait OptionRefExt<T>: sealed::Sealed {
    /// A clone of the lent value; the access ends.
    fn cloned(self) -> Option<T>
    where
        T: Clone;

    /// A copy of the lent value; the access ends.
    fn copied(self) -> Option<T>
    where
        T: Copy;
}

impl<T> OptionRefExt<T> for Option<Ref<'_, T>> {
    fn cloned(self) -> Option<T>
    where
        T: Clone,
    {
        self.as_deref().cloned()
    }

    fn copied(self) -> Option<T>
    where
        T: Copy,
    {
        self.as_deref().copied()
    }
}

impl<T> OptionRefExt<T> for Option<RefMut<'_, T>> {
    fn cloned(self) -> Option<T>
    where
        T: Clone,
    {
        self.as_deref().cloned()
    }

    fn copied(self) -> Option<T>
    where
        T: Copy,
    {
        self.as_deref().copied()
    }
}
