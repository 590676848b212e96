//! A race detector for shared maps.
#![deny(unsafe_code)]

mod access;
#[allow(unsafe_code)]
mod cell;
#[cfg(not(checkedmap_loom))]
mod checkpoint;
mod config;
mod conflict;
#[cfg(not(checkedmap_loom))]
pub mod docs;
mod context;
#[cfg(not(checkedmap_loom))]
mod fork;
#[cfg(not(checkedmap_loom))]
mod impls;
#[allow(unsafe_code)]
mod gate;
#[allow(unsafe_code)]
mod ledger;
#[cfg(not(checkedmap_loom))]
pub mod map;
mod policy;
#[cfg(not(checkedmap_loom))]
pub mod prelude;
mod report;
mod sync;

pub use access::{Access, AccessKind, Operation, Site};
pub use cell::{CheckedCell, ReadGuard, WriteGuard};
pub use conflict::{Conflict, ConflictKind, Party, Refused, Subject, ThreadInfo};
pub use context::{ContextProvider, RequestContext, set_context_provider};
#[cfg(not(checkedmap_loom))]
pub use map::{Builder, CheckedMap, Ref, RefMut};
pub use policy::{Circuit, Mode, ParseModeError};
