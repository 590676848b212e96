//! Comparing, hashing and viewing guards as std compares, hashes and views references.
//!
//! There is no blanket `PartialEq<U>`, which coherence does not let stand beside the comparison of two guards; instead the
//! guard compares with its own type, a reference to it, and the usual borrowed forms. `5 == guard` for numbers is left out:
//! a second implementation of `PartialEq` for `i32` makes `n == text.parse()?` ambiguous in programs that never use a guard.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::map::{Ref, RefMut};

macro_rules! alike {
    ($($one:ident $other:ident;)*) => {$(
        impl<T: ?Sized + PartialEq> PartialEq<$other<'_, T>> for $one<'_, T> {
            fn eq(&self, other: &$other<'_, T>) -> bool {
                **self == **other
            }
        }

        impl<T: ?Sized + PartialOrd> PartialOrd<$other<'_, T>> for $one<'_, T> {
            fn partial_cmp(&self, other: &$other<'_, T>) -> Option<Ordering> {
                (**self).partial_cmp(&**other)
            }
        }
    )*};
}

alike! {
    Ref Ref;
    Ref RefMut;
    RefMut Ref;
    RefMut RefMut;
}

macro_rules! like_a_reference {
    ($($guard:ident)*) => {$(
        impl<T: ?Sized + Eq> Eq for $guard<'_, T> {}

        impl<T: ?Sized + Ord> Ord for $guard<'_, T> {
            fn cmp(&self, other: &Self) -> Ordering {
                (**self).cmp(&**other)
            }
        }

        impl<T: PartialEq> PartialEq<T> for $guard<'_, T> {
            fn eq(&self, other: &T) -> bool {
                **self == *other
            }
        }

        impl<T: ?Sized + PartialEq> PartialEq<&T> for $guard<'_, T> {
            fn eq(&self, other: &&T) -> bool {
                **self == **other
            }
        }

        impl<T: PartialOrd> PartialOrd<T> for $guard<'_, T> {
            fn partial_cmp(&self, other: &T) -> Option<Ordering> {
                (**self).partial_cmp(other)
            }
        }

        impl<T: ?Sized + PartialOrd> PartialOrd<&T> for $guard<'_, T> {
            fn partial_cmp(&self, other: &&T) -> Option<Ordering> {
                (**self).partial_cmp(*other)
            }
        }

        impl PartialEq<str> for $guard<'_, String> {
            fn eq(&self, other: &str) -> bool {
                ***self == *other
            }
        }

        impl PartialEq<&str> for $guard<'_, String> {
            fn eq(&self, other: &&str) -> bool {
                ***self == **other
            }
        }

        impl PartialEq<$guard<'_, String>> for &str {
            fn eq(&self, other: &$guard<'_, String>) -> bool {
                **self == ***other
            }
        }

        impl PartialEq<str> for $guard<'_, &str> {
            fn eq(&self, other: &str) -> bool {
                **self == other
            }
        }

        impl PartialEq<String> for $guard<'_, &str> {
            fn eq(&self, other: &String) -> bool {
                **self == other
            }
        }

        impl<T: PartialEq<U>, U> PartialEq<[U]> for $guard<'_, Vec<T>> {
            fn eq(&self, other: &[U]) -> bool {
                ***self == *other
            }
        }

        impl<T: PartialEq<U>, U> PartialEq<&[U]> for $guard<'_, Vec<T>> {
            fn eq(&self, other: &&[U]) -> bool {
                ***self == **other
            }
        }

        impl<T: PartialEq<U>, U, const N: usize> PartialEq<[U; N]> for $guard<'_, Vec<T>> {
            fn eq(&self, other: &[U; N]) -> bool {
                ***self == *other
            }
        }

        impl<T: PartialEq<U>, U, const N: usize> PartialEq<&[U; N]> for $guard<'_, Vec<T>> {
            fn eq(&self, other: &&[U; N]) -> bool {
                ***self == **other
            }
        }

        impl<T: ?Sized + Hash> Hash for $guard<'_, T> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                (**self).hash(state);
            }
        }

        impl<T: ?Sized> Borrow<T> for $guard<'_, T> {
            fn borrow(&self) -> &T {
                self
            }
        }

        impl<T: ?Sized + AsRef<U>, U: ?Sized> AsRef<U> for $guard<'_, T> {
            fn as_ref(&self) -> &U {
                (**self).as_ref()
            }
        }

        impl<T: ?Sized + std::error::Error> std::error::Error for $guard<'_, T> {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                (**self).source()
            }
        }

        impl From<$guard<'_, String>> for String {
            fn from(text: $guard<'_, String>) -> String {
                String::clone(&text)
            }
        }
    )*};
}

like_a_reference! { Ref RefMut }

impl<T: ?Sized + AsMut<U>, U: ?Sized> AsMut<U> for RefMut<'_, T> {
    fn as_mut(&mut self) -> &mut U {
        (**self).as_mut()
    }
}

impl<T: ?Sized> std::borrow::BorrowMut<T> for RefMut<'_, T> {
    fn borrow_mut(&mut self) -> &mut T {
        self
    }
}

macro_rules! references {
    ($($number:ty)*) => {$(
        impl PartialEq<Ref<'_, $number>> for &$number {
            fn eq(&self, other: &Ref<'_, $number>) -> bool {
                **self == **other
            }
        }

        impl PartialOrd<Ref<'_, $number>> for &$number {
            fn partial_cmp(&self, other: &Ref<'_, $number>) -> Option<Ordering> {
                (**self).partial_cmp(&**other)
            }
        }
    )*};
}

references! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 bool char String }
