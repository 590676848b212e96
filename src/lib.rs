//! A race detector for shared maps.
#![deny(unsafe_code)]
// The models use the protocol's modules alone.
#![cfg_attr(checkedmap_loom, allow(dead_code, unused_imports))]

mod access;
#[allow(unsafe_code)]
#[cfg(not(checkedmap_loom))]
mod cell;
#[cfg(not(checkedmap_loom))]
mod checkpoint;
#[cfg(not(checkedmap_loom))]
pub mod config;
mod conflict;
mod context;
#[cfg(not(checkedmap_loom))]
mod fork;
#[allow(unsafe_code)]
mod gate;
#[cfg(not(checkedmap_loom))]
#[allow(unsafe_code)]
pub mod hash_map;
#[allow(unsafe_code)]
mod ledger;
#[cfg(not(checkedmap_loom))]
mod impls;
#[cfg(not(checkedmap_loom))]
pub mod map;
mod policy;
#[cfg(not(checkedmap_loom))]
pub mod prelude;
#[cfg(not(checkedmap_loom))]
pub mod report;
#[cfg(not(checkedmap_loom))]
pub mod sink;
mod sync;

pub use access::{Access, AccessKind, Operation, Site};
#[cfg(not(checkedmap_loom))]
pub use cell::{CheckedCell, ReadGuard, WriteGuard};
pub use conflict::{Conflict, ConflictKind, Party, Refused, Subject, ThreadInfo};
pub use context::{ContextProvider, RequestContext, set_context_provider};
pub use policy::{Circuit, Mode, ParseModeError};
#[cfg(not(checkedmap_loom))]
pub use config::{Backtrace, Config, ConfigError, mode, set_mode, set_mode_for};
#[cfg(not(checkedmap_loom))]
pub use report::{books, flush};
#[cfg(not(checkedmap_loom))]
pub use map::{Builder, CheckedMap, Ref, RefMut};
