//! A race detector for shared maps.
#![deny(unsafe_code)]
// The models use the protocol's modules alone.
#![cfg_attr(checkedmap_loom, allow(dead_code, unused_imports))]

mod access;
mod conflict;
mod context;
#[allow(unsafe_code)]
mod gate;
#[cfg(not(checkedmap_loom))]
#[allow(unsafe_code)]
pub mod hash_map;
#[allow(unsafe_code)]
mod ledger;
mod policy;
mod sync;

#[allow(unsafe_code)]
#[cfg(not(checkedmap_loom))]
mod cell;
#[cfg(not(checkedmap_loom))]
mod checkpoint;
#[cfg(not(checkedmap_loom))]
pub mod config;
#[cfg(not(checkedmap_loom))]
mod fork;
#[cfg(not(checkedmap_loom))]
mod impls;
#[cfg(not(checkedmap_loom))]
pub mod map;
#[cfg(not(checkedmap_loom))]
pub mod observe;
#[cfg(not(checkedmap_loom))]
pub mod prelude;
#[cfg(not(checkedmap_loom))]
pub mod report;
#[cfg(not(checkedmap_loom))]
pub mod sink;

pub use access::{Access, AccessKind, Operation, Site};
pub use conflict::trace::{Missing, Moment};
pub use conflict::{Conflict, ConflictKind, Party, Refused, Subject, ThreadInfo};
pub use context::{ContextProvider, RequestContext, set_context_provider};
pub use policy::{Circuit, Mode, ParseModeError};

#[cfg(not(checkedmap_loom))]
pub use {
    cell::{CheckedCell, ReadGuard, WriteGuard},
    config::{Backtrace, BadVariable, Config, ConfigError, ReportTarget, mode, set_mode, set_mode_for},
    map::{Builder, CheckedMap, Ref, RefMut},
    report::{Books, FlushError, Report, books, flush},
    sink::{Sink, add_sink, set_sinks},
};
