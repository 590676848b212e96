//! A race detector for shared maps: a drop-in `HashMap` that catches overlapping accesses and names both sides.
//!
//! # The bug it finds
//!
//! Go programs die with `fatal error: concurrent map writes`, because Go's runtime sets a flag in the map while it is
//! written and looks for it. Rust has no data races in safe code, and still maps are shared that should not be: through a
//! `static mut` or an `unsafe impl Sync`, across FFI, or by a design that says "one owner at a time" while one path skips the
//! lock. Put a checked map in such a place and two accesses that overlap, one of them a write, are stopped before the table
//! is touched. The report names both threads, both operations and both places in the source, with both stacks; the second
//! access panics, waits its turn, or goes on through a lock, as the [mode](Mode) says.
//!
//! # The smallest program that shows one
//!
//! ```
//! use checkedmap::{CheckedMap, ConflictKind};
//!
//! let map = CheckedMap::named("sessions");
//! map.insert(7, "ana");
//!
//! let reading = map.get(&7); // a guard: the read lasts until it is dropped
//! std::thread::scope(|scope| {
//!     scope.spawn(|| {
//!         // `insert` would panic with the report; its `try_` twin returns the conflict.
//!         let refused = map.try_insert(7, "eve").unwrap_err();
//!         assert_eq!(refused.conflict.kind(), ConflictKind::ReadWrite);
//!         assert_eq!(refused.conflict.holder().unwrap().access.operation.as_str(), "get");
//!     });
//! });
//! drop(reading);
//! assert_eq!(map.insert(7, "eve"), Some("ana"));
//! ```
//!
//! # Contents
//!
//! | you have | you take | it costs you |
//! |---|---|---|
//! | a map in an `Arc`, a `static`, a `RwLock`, a `DashMap` | [`CheckedMap`]: std's names on `&self`, guards instead of references | a small diff |
//! | a `std::collections::HashMap` shared through `unsafe` | [`hash_map::HashMap`]: std's signatures to the letter | the `use` line |
//! | an `AtomicRefCell`, any other collection | [`CheckedCell`] | the type |
//!
//! - [`Mode`]: what happens to the access that is refused; [`Circuit`]: how `fallback` recovers.
//! - [`config`]: the environment variables and their twins in code.
//! - [`report`] and [`sink`]: what a conflict looks like and where it goes, [one page for a browser](sink::HtmlPage) among
//!   the places; [`books`] and [`flush`].
//! - [`StaleChecks`]: check-then-act over two calls, as [`Suspect`]s, see [`docs::stale`].
//! - [`Conflict`]: what `try_` methods return. [`RequestContext`]: the request behind an access.
//! - [`prelude`]: `cloned` and `copied` for what a lookup returns.
//! - [`Hunt`]: hunt mode delays accesses that came close to each other, so that a race shows as an overlap, see [`docs::hunt`].
//! - [`docs`]: pages on [guarantees](docs::guarantees), [limits](docs::limits), [differences from std](docs::differences),
//!   [how it works](docs::internals), with [the argument for it](docs::proof), [races in CI](docs::ci) and
//!   [how many are found](docs::corpus).
//!
//! # Guarantees
//!
//! - [`CheckedMap`] and [`CheckedCell`] are sound whatever safe code does with them. [`hash_map::HashMap`] is as sound as the
//!   `unsafe` around it, and refuses a call before the table is touched, in every mode.
//! - A conflict is a fact: both accesses were inside, or at the door, at one moment. There are no false alarms.
//! - Both sides are named by operation, place and thread from the first instant; stacks are taken only where there is a
//!   conflict.
//! - After a panic the map is usable, and its contents are whole.
//! - Nothing is lost uncounted: `detected = delivered + coalesced + dropped + queued` whenever [`books`] is read.
//! - No wait is silent: a wait that would close a circle panics at once, and a long one is reported with its holder.
//!
//! # What it cannot detect
//!
//! "No conflict seen" is not "no conflict possible". Only accesses that really overlap are found, and an insert takes
//! nanoseconds. References that outlive their call are not watched where std's signatures allow them. Check-then-act over two
//! calls that are each alone is no overlap; [stale checks](docs::stale) report it where they are switched on. See [`docs::limits`].
//!
//! # Cost
//!
//! A map that one thread uses, or that several only read, costs an access a few stores to memory of its own thread and one
//! load: a few nanoseconds. A map that threads take turns on costs two atomic read-modify-writes on top, as an
//! uncontended lock does. Nothing is captured, formatted or allocated. A conflict costs the two threads microseconds each
//! for walking their stacks; symbols, text and sinks run on a thread of the library's. See [`docs::internals`].
//!
//! # Features
//!
//! - `serde` (default): reports as JSON lines that read back, `CHECKEDMAP_REPORT=json:PATH`, serde's traits for the maps.
//! - `rayon`: parallel iterators over the maps.
//! - `tokio`: reports name the task on each side. Async programs want it: without it a hunt may delay a runtime's only thread for
//!   as long as its longest delay, and stale checks take a thread for all the tasks it runs.
//!
//! The minimum supported Rust version is 1.95.
#![deny(unsafe_code)]
// The models use the protocol's modules alone.
#![cfg_attr(checkedmap_loom, allow(dead_code, unused_imports))]

mod access;
mod clock;
mod conflict;
mod context;
#[allow(unsafe_code)]
mod gate;
#[allow(unsafe_code)]
#[cfg(not(checkedmap_loom))]
pub mod hash_map;
#[cfg(not(checkedmap_loom))]
mod impls;
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
pub mod docs;
#[cfg(not(checkedmap_loom))]
mod fork;
#[cfg(not(checkedmap_loom))]
mod helper;
#[cfg(not(checkedmap_loom))]
mod hunt;
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
#[cfg(not(checkedmap_loom))]
pub mod stale;
#[cfg(all(test, not(checkedmap_loom)))]
mod test_process;

pub use access::{Access, AccessKind, Operation, Site};
pub use conflict::trace::{Missing, Moment};
pub use conflict::{Conflict, ConflictKind, Party, Refused, Subject, ThreadInfo};
pub use context::{ContextProvider, RequestContext, set_context_provider};
pub use policy::{Circuit, Mode, ParseModeError};

#[cfg(not(checkedmap_loom))]
pub use {
    cell::{CheckedCell, ReadGuard, WriteGuard},
    config::{
        Backtrace, BadVariable, Config, ConfigError, Hunt, ParseParametersError, ReportTarget, StaleChecks, mode,
        set_hunt, set_mode, set_mode_for, set_stale_checks,
    },
    map::{Builder, CheckedMap, Ref, RefMut},
    report::{Books, FlushError, Report, Suspect, books, flush},
    sink::{Sink, add_sink, set_sinks},
};

/// The README's programs, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
