//! Calculating with guards as with references to numbers.

use std::iter::{Product, Sum};
use std::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, DivAssign, Mul, MulAssign,
    Neg, Not, Rem, RemAssign, Shl, ShlAssign, Shr, ShrAssign, Sub, SubAssign,
};

use crate::map::{Ref, RefMut};

macro_rules! left_operand {
    ($($trait:ident $method:ident $assign:ident $assign_method:ident;)*) => {$(
        left_operand! { @for Ref $trait $method }
        left_operand! { @for RefMut $trait $method }

        impl<T: $assign<U>, U> $assign<U> for RefMut<'_, T> {
            fn $assign_method(&mut self, other: U) {
                (**self).$assign_method(other);
            }
        }
    )*};
    (@for $guard:ident $trait:ident $method:ident) => {
        impl<T: Copy + $trait<U>, U> $trait<U> for $guard<'_, T> {
            type Output = T::Output;

            fn $method(self, other: U) -> T::Output {
                (*self).$method(other)
            }
        }

        impl<T: Copy + $trait<U>, U> $trait<U> for &$guard<'_, T> {
            type Output = T::Output;

            fn $method(self, other: U) -> T::Output {
                (**self).$method(other)
            }
        }
    };
}

left_operand! {
    Add add AddAssign add_assign;
    Sub sub SubAssign sub_assign;
    Mul mul MulAssign mul_assign;
    Div div DivAssign div_assign;
    Rem rem RemAssign rem_assign;
    BitAnd bitand BitAndAssign bitand_assign;
    BitOr bitor BitOrAssign bitor_assign;
    BitXor bitxor BitXorAssign bitxor_assign;
    Shl shl ShlAssign shl_assign;
    Shr shr ShrAssign shr_assign;
}

macro_rules! unary {
    ($($trait:ident $method:ident;)*) => {$(
        unary! { @for Ref $trait $method }
        unary! { @for RefMut $trait $method }
    )*};
    (@for $guard:ident $trait:ident $method:ident) => {
        impl<T: Copy + $trait> $trait for $guard<'_, T> {
            type Output = T::Output;

            fn $method(self) -> T::Output {
                (*self).$method()
            }
        }

        impl<T: Copy + $trait> $trait for &$guard<'_, T> {
            type Output = T::Output;

            fn $method(self) -> T::Output {
                (**self).$method()
            }
        }
    };
}

unary! {
    Neg neg;
    Not not;
}

macro_rules! right_operand {
    ($number:ident: $($trait:ident $method:ident $assign:ident $assign_method:ident;)*) => {$(
        right_operand! { @for Ref $number $trait $method $assign $assign_method }
        right_operand! { @for RefMut $number $trait $method $assign $assign_method }
    )*};
    (@for $guard:ident $number:ident $trait:ident $method:ident $assign:ident $assign_method:ident) => {
        impl $trait<$guard<'_, $number>> for $number {
            type Output = $number;

            fn $method(self, other: $guard<'_, $number>) -> $number {
                self.$method(*other)
            }
        }

        impl $trait<&$guard<'_, $number>> for $number {
            type Output = $number;

            fn $method(self, other: &$guard<'_, $number>) -> $number {
                self.$method(**other)
            }
        }

        impl $assign<$guard<'_, $number>> for $number {
            fn $assign_method(&mut self, other: $guard<'_, $number>) {
                self.$assign_method(*other);
            }
        }

        impl $assign<&$guard<'_, $number>> for $number {
            fn $assign_method(&mut self, other: &$guard<'_, $number>) {
                self.$assign_method(**other);
            }
        }
    };
}

macro_rules! sums {
    ($guard:ident $number:ident) => {
        impl<'a> Sum<$guard<'a, $number>> for $number {
            fn sum<I: Iterator<Item = $guard<'a, $number>>>(numbers: I) -> $number {
                numbers.map(|number| *number).sum()
            }
        }

        impl<'a> Product<$guard<'a, $number>> for $number {
            fn product<I: Iterator<Item = $guard<'a, $number>>>(numbers: I) -> $number {
                numbers.map(|number| *number).product()
            }
        }
    };
}

macro_rules! numbers {
    ($($number:ident)*) => {$(
        right_operand! { $number:
            Add add AddAssign add_assign;
            Sub sub SubAssign sub_assign;
            Mul mul MulAssign mul_assign;
            Div div DivAssign div_assign;
            Rem rem RemAssign rem_assign;
        }
        sums! { Ref $number }
        sums! { RefMut $number }
    )*};
}

numbers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 }

macro_rules! integers {
    ($($number:ident)*) => {$(
        right_operand! { $number:
            BitAnd bitand BitAndAssign bitand_assign;
            BitOr bitor BitOrAssign bitor_assign;
            BitXor bitxor BitXorAssign bitxor_assign;
        }
    )*};
}

integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize bool }
