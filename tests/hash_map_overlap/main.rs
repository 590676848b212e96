//! Calls on one `hash_map::HashMap` that overlap, as code that shares it through `unsafe` makes them.
//!
//! Overlap is made by construction: user code that the first call runs inside the gate (a key's `Eq`, a value's `Clone`, a
//! closure) stops there until the second call has been refused, or has come back.

#![allow(unsafe_code)]

mod borrows;
mod drops;
mod identity;
mod overlap;
mod pairs;
mod shared;
mod user_code;
