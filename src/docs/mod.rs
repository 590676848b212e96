//! Pages that belong to no single item.

#[doc = include_str!("ci.md")]
pub mod ci {}

#[doc = include_str!("corpus.md")]
pub mod corpus {}

#[doc = include_str!("differences.md")]
pub mod differences {}

#[doc = include_str!("guarantees.md")]
pub mod guarantees {}

#[doc = include_str!("hunt.md")]
pub mod hunt {}

#[doc = include_str!("stale.md")]
pub mod stale {}

#[doc = include_str!("internals.md")]
pub mod internals {}

#[doc = include_str!("limits.md")]
pub mod limits {}

#[doc = include_str!("proof.md")]
pub mod proof {}
