//! Stale checks: check-then-act on one key over two calls, with somebody else's write in between.
//!
//! `if !map.contains_key(&k) { map.insert(k, v); }` is two calls. Each is alone in the map, under this library's gate as
//! under a lock that is taken twice, and still an update is lost where another thread inserts `k` between them. With
//! `CHECKEDMAP_STALE=1` that is reported, as a [`Suspect`](report::Suspect) with three sites and three stacks: the lookup, the write in between,
//! and the write that acted on the lookup.
//!
//! ```
//! use checkedmap::CheckedMap;
//! use checkedmap::sink::{Memory, set_sinks};
//!
//! let memory = Memory::new();
//! set_sinks([Box::new(memory.clone()) as Box<dyn checkedmap::Sink>]);
//!
//! let sessions = CheckedMap::builder().name("sessions").stale_checks(true).build();
//! if !sessions.contains_key(&7) {
//!     // Another thread is quicker.
//!     std::thread::scope(|scope| scope.spawn(|| sessions.insert(7, "theirs")).join()).unwrap();
//!     sessions.insert(7, "ours");
//! }
//!
//! checkedmap::flush(std::time::Duration::from_secs(10)).unwrap();
//! assert_eq!(memory.suspects()[0].effect, checkedmap::report::Effect::Overwritten);
//! assert!(memory.reports().is_empty(), "nothing overlapped");
//! ```
//!
//! # What is a suspect
//!
//! One thread or task (with the feature `tokio`, whichever the call is made in) looks a key up, another one writes it, and
//! the first writes it within the window. Not every such run is a fault: where the lookup would have given the same answer
//! just before the write, the outcome is one that some order without a gap has too. So the acting access, which knows what it
//! finds, is held against what the lookup found:
//!
//! | the lookup | somebody else | the write | it is |
//! |---|---|---|---|
//! | found no entry | inserted | `insert` replaces | a suspect, `overwritten` |
//! | found no entry | inserted | `remove` takes | a hint, `removed`: so does who waits for an entry and then takes it |
//! | gave the value | wrote, or was lent it by `get_mut` | `insert` replaces | a suspect, `overwritten` |
//! | gave the value | wrote, or was lent it by `get_mut` | `remove` takes | a suspect, `removed` |
//! | gave the value, or found an entry | removed it by key | `insert` makes a new entry | a suspect, `revived` |
//! | gave the value, or found an entry | swept it out: `retain`, `clear`, `write()` and their like | `insert` makes a new entry | a hint, `revived`: a cache may be filled again |
//! | gave the value | wrote, or was lent it by `get_mut` | `get_mut` | a hint, `altered`: it sees the new value |
//! | gave the value | opened the entry that was there | `insert` replaces, `remove` takes | a hint: `or_insert` may have changed nothing |
//! | was an `insert` that replaced | removed | `entry` or `get_mut` finds nothing | a hint, `missed`: it is told so |
//! | found an entry, by `contains_key` | wrote | anything, and there is an entry | nothing: it still is as found |
//! | any | any | removes nothing | nothing |
//!
//! A later lookup takes an earlier one's place, as do a walk and a [`read`](crate::CheckedMap::read) of the whole map: so the
//! second look of double-checked locking counts. One write uses the lookup up. A write without a lookup before it is no suspect
//! whatever came between, and neither is `entry`, which looks and acts in one access.
//!
//! What is not judged: values, which need not be comparable, so writing what is there anyway looks like writing something else;
//! what is done inside a guard of the whole map; an acting `clear` or `retain`. Keys are told apart by their 64-bit hash: two that
//! share it, one time in 2^64 with a good hasher, are taken for one.
//!
//! # If it is meant
//!
//! A cache that two threads may both fill, the same value twice, is a check-then-act too. [`intended`] marks the write;
//! the builder's [`stale_checks(false)`](crate::Builder::stale_checks) leaves a whole map out.
//!
//! # What it does and costs
//!
//! A suspect is only ever reported, whatever the [`Mode`](crate::Mode): nothing panics, waits or aborts, and the
//! [`books`](books()) are its own. The map remembers for a bounded number of keys who wrote them last and who looked them up;
//! what makes room before its time is [counted](evicted). While it is on, each access by key takes its stack: 2 to 3
//! microseconds on the machine it was made on, a fifth of one with `CHECKEDMAP_BACKTRACE=off`. While it is off it stores
//! nothing and adds no load: an access that was admitted on the fast path is not one to watch.

use crate::report::{self, Books};

mod act;
mod actor;
mod event;
mod intent;
mod judge;
mod keys;
mod surveys;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod watch;

pub(crate) use act::{Act, Seen};
pub use intent::{intended, intended_async};
pub use table::evicted;
pub(crate) use tables::forget_all;
pub(crate) use watch::{Suspect, Watch, any_by_own_word};

/// What became of every suspect so far. Conflicts have [books of their own](crate::books).
#[must_use]
pub fn books() -> Books {
    report::suspect_books()
}
