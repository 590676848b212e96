//! A race detector for shared maps.
#![deny(unsafe_code)]

mod access;
#[allow(unsafe_code)]
mod cell;
#[cfg(not(checkedmap_loom))]
mod checkpoint;
mod config;
mod conflict;
mod context;
#[cfg(not(checkedmap_loom))]
mod fork;
#[allow(unsafe_code)]
mod gate;
#[cfg(not(checkedmap_loom))]
#[allow(unsafe_code)]
pub mod hash_map;
#[cfg(not(checkedmap_loom))]
mod impls;
#[allow(unsafe_code)]
mod ledger;
mod policy;
mod report;
mod sync;

pub use access::{Access, AccessKind, Operation, Site};
pub use cell::{CheckedCell, ReadGuard, WriteGuard};
pub use conflict::{Conflict, ConflictKind, Party, Refused, Subject, ThreadInfo};
pub use context::{ContextProvider, RequestContext, set_context_provider};
pub use policy::{Circuit, Mode, ParseModeError};
