//! Stale checks: check-then-act on one key over two calls, with somebody else's write in between.
//!
//! `CHECKEDMAP_STALE=1` has it reported where it happens, as a [`Suspect`](report::Suspect). The page [`docs::stale`](crate::docs::stale) tells what
//! is one, how to run it and what it costs. Here is what a program says to it, [`intended`] and [`intended_async`], and what it may ask,
//! [`books`](books()) and [`evicted`].

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
