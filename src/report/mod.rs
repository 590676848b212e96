//! Reports: what a conflict looks like to people and programs.
//!
//! A conflict is counted the moment it is detected. The first of its map, kind and pair of sites within a few seconds has
//! a [`Report`]; the others are folded into that and told as a [`Repeat`]. A thread of the library's own waits for the
//! holder's stack, resolves symbols and hands the report to the [sinks](crate::sink), so that nothing on the application's
//! side blocks on them; where the contender panics, it builds the report itself, for its message. The queue between is
//! bounded, and what becomes of every conflict is in the [`books`](books()), which balance at every instant.
//!
//! What [stale checks](crate::docs::stale) find goes the same way as a [`Suspect`], with numbers, windows and books of its own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::conflict::ConflictKind;
use crate::policy::Mode;

mod account;
mod advice;
mod books;
mod build;
mod coalesce;
mod delivery;
mod exit;
mod flush;
mod fork;
#[cfg(feature = "serde")]
mod json;
mod observation;
mod reporter;
mod side;
mod side_text;
mod suspect;
mod suspect_text;
mod suspicion;
mod symbols;
mod text;

#[cfg(test)]
mod process_tests;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod suspect_tests;
#[cfg(test)]
mod tests;

pub use books::Books;
pub(crate) use build::unix_nanoseconds;
pub use coalesce::Repeat;
pub(crate) use coalesce::{Key, Verdict};
pub(crate) use delivery::Caller;
pub(crate) use exit::register as flush_at_exit;
pub use flush::FlushError;
pub(crate) use fork::{after_fork_in_child, after_fork_in_parent, before_fork};
#[cfg(feature = "serde")]
pub use json::{ParseReportError, Record};
pub use observation::Outcome;
pub(crate) use observation::{HolderEvidence, Observation};
pub(crate) use reporter::Reporter;
pub use side::{Frame, Role, Side, SourceSite, StackTrace, ThreadIdentity};
pub use suspect::{Effect, Found, Severity, Suspect, SuspectKind, SuspectRepeat};
pub(crate) use suspicion::{Step, SuspectKey, Suspicion};

/// The collection a report is about, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MapIdentity {
    /// A number that no other collection of its process has had or will have.
    pub id: u64,
    /// The name it was given.
    pub name: Option<String>,
    /// The type of its contents.
    pub type_name: String,
    /// Where it was made.
    pub created: SourceSite,
}

impl fmt::Display for MapIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "`{name}`"),
            None => write!(f, "the unnamed map made at {}", self.created),
        }
    }
}

/// One conflict with both its sides, owned and complete.
///
/// `Display` writes it for people: both sides, the user's frames only. With the `serde` feature it has a versioned JSON
/// form, [`to_json`](Self::to_json) and [`from_json`](Self::from_json). Keys and values of the map are never in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Report {
    #[cfg(feature = "serde")]
    pub(crate) schema: json::Schema,
    /// Its number in its process, from 1.
    pub number: u64,
    /// The process's id.
    pub pid: u32,
    /// How the two sides collided.
    pub kind: ConflictKind,
    /// The collection.
    pub map: MapIdentity,
    /// The side that was refused.
    pub contender: Side,
    /// The side that was inside; `None` where it could not be named.
    pub holder: Option<Side>,
    /// The mode in force.
    pub mode: Mode,
    /// What became of the contender.
    pub outcome: Outcome,
    /// When the contender was refused, in nanoseconds since 1970.
    pub detected: u64,
    /// When the holder left, in nanoseconds since 1970, where that was seen before the report was written.
    pub holder_left: Option<u64>,
    /// When the contender got its turn, in nanoseconds since 1970, where that was seen before the report was written.
    pub admitted: Option<u64>,
    /// How long the contender had waited when its turn came or the report was written, in nanoseconds.
    pub waited: Option<u64>,
    /// How many conflicts it stands for: its own, and those between the same two sites that came before it was written.
    pub count: u64,
    /// What the choices of the hunt were drawn from, where anything was hunted as this was written: the same number in
    /// `CHECKEDMAP_HUNT_SEED` draws the same. It does not say that a delay made this overlap.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub hunt_seed: Option<u64>,
}

/// Counts a conflict, and says whether it deserves a report of its own.
///
/// [`Verdict::First`] obliges the caller to [`submit`] or [`raise`]: until then the conflict counts as queued.
pub(crate) fn detect(key: Key) -> Verdict {
    Reporter::current().detect(key)
}

/// Hands over what was gathered. Never waits for a sink.
pub(crate) fn submit(number: u64, observation: Observation) {
    Reporter::current().submit(number, observation);
}

/// Builds the report on the calling thread, which is about to die of it, waiting for the holder's stack up to its deadline.
/// The sinks get it too.
pub(crate) fn raise(number: u64, observation: Observation) -> Arc<Report> {
    Reporter::current().raise(number, observation)
}

/// Counts a suspect and hands it over, or folds it into one of the same three sites. Never waits for a sink.
pub(crate) fn suspect(suspicion: Suspicion, caller: Caller) {
    Reporter::current().suspect(suspicion, caller);
}

/// What became of every suspect so far.
pub(crate) fn suspect_books() -> Books {
    Reporter::current().suspect_books()
}

/// What became of every conflict so far.
#[must_use]
pub fn books() -> Books {
    Reporter::current().books()
}

/// Waits until every conflict and suspect detected so far is reported, and every sink has flushed.
///
/// Counts of repeats which no sink has been told yet are told too. A report that still waits for its
/// holder's stack waits for half of the deadline at most, and then goes out without.
///
/// # Errors
///
/// The deadline passed, or the caller is a sink at work, which cannot wait for itself.
pub fn flush(deadline: Duration) -> Result<(), FlushError> {
    Reporter::current().flush(deadline)
}
