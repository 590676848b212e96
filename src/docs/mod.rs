//! Long pages: read them here, there is nothing to call.

#[doc = include_str!("differences.md")]
pub mod differences {}
