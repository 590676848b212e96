//! One text that uses all of `std::collections::hash_map`, compiled against std and against `checkedmap::hash_map`. Where
//! it hands out what it observed, both must have observed the same.

// The text calls each method for its own sake, where clippy knows a shorter way.
#![allow(clippy::unnecessary_get_then_check, clippy::iter_count, clippy::declare_interior_mutable_const)]
#![allow(clippy::eq_op, clippy::borrow_interior_mutable_const)]

/// Includes each room of the text twice, each time beside a `map` that stands for the module under test.
macro_rules! text {
    ($($room:ident)*) => {
        mod against_std {
            $(
                pub(crate) mod $room {
                    use std::collections::hash_map as map;
                    include!(concat!("text/", stringify!($room), ".rs"));
                }
            )*
        }

        mod against_ours {
            $(
                pub(crate) mod $room {
                    use checkedmap::hash_map as map;
                    include!(concat!("text/", stringify!($room), ".rs"));
                }
            )*
        }
    };
}

text! { signatures traits lifetimes auto_traits texts capacities drop_orders contents }

#[test]
fn auto_traits_are_std_s() {
    let (std, ours) = (against_std::auto_traits::auto_traits(), against_ours::auto_traits::auto_traits());
    assert!(std.len() > 500, "the grid has collapsed to {} lines", std.len());
    for (std, ours) in std.iter().zip(&ours) {
        assert_eq!(std, ours);
    }
    assert_eq!(std.len(), ours.len());
}

#[test]
fn drop_glue_is_std_s() {
    assert_eq!(against_std::auto_traits::drop_glue(), against_ours::auto_traits::drop_glue());
}

#[test]
fn debug_texts_are_std_s() {
    assert_eq!(against_std::texts::debug_texts(), against_ours::texts::debug_texts());
}

#[test]
fn panic_texts_are_std_s() {
    assert_eq!(against_std::texts::panic_texts(), against_ours::texts::panic_texts());
}

#[test]
fn capacities_are_std_s() {
    assert_eq!(against_std::capacities::capacities(), against_ours::capacities::capacities());
}

#[test]
fn reserve_errors_are_std_s() {
    assert_eq!(against_std::capacities::reserve_errors(), against_ours::capacities::reserve_errors());
}

#[test]
fn drops_come_in_std_s_order() {
    assert_eq!(against_std::drop_orders::drop_orders(), against_ours::drop_orders::drop_orders());
}
