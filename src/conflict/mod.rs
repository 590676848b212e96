//! What a conflict is: two parties, one collection, at least one write.
//!
//! The gate hands a refusal up; the checkpoint turns it into a [`Conflict`], which is what `try_` methods return, what a
//! panic prints and what a report is made from. The [`inquiry`] carries the holder's stack from the holder's thread to
//! whoever builds the report; [`trace`] captures stacks raw; [`wait_for`] finds waits that close a cycle.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::access::{Access, AccessKind, Site};
use crate::policy::Mode;

pub(crate) mod inquiry;
pub(crate) mod trace;
#[cfg(not(checkedmap_loom))]
pub(crate) mod wait_for;

/// How two accesses collided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ConflictKind {
    /// Two writes overlap.
    WriteWrite,
    /// A read and a write overlap.
    ReadWrite,
    /// A write overlaps with a walk over the entries.
    IterateWrite,
    /// Both sides are one thread: it still holds the access it collides with, so waiting cannot help.
    Reentrant,
    /// Threads wait for each other's collections in a circle.
    Deadlock,
    /// A wait outlasted `CHECKEDMAP_STUCK_MS`; the waiting goes on.
    StuckWait,
}

impl ConflictKind {
    /// The name used in reports and telemetry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WriteWrite => "write_write",
            Self::ReadWrite => "read_write",
            Self::IterateWrite => "iterate_write",
            Self::Reentrant => "reentrant",
            Self::Deadlock => "deadlock",
            Self::StuckWait => "stuck_wait",
        }
    }

    /// The kind of an overlap of two accesses by two threads.
    pub(crate) fn of_overlap(a: Access, b: Access) -> Self {
        if a.operation.iterates() || b.operation.iterates() {
            Self::IterateWrite
        } else if a.kind() == AccessKind::Write && b.kind() == AccessKind::Write {
            Self::WriteWrite
        } else {
            Self::ReadWrite
        }
    }
}

impl fmt::Display for ConflictKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The thread that makes an access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadInfo {
    pub(crate) id: u64,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) ended: bool,
}

impl ThreadInfo {
    /// The operating system's id of the thread: on Linux the tid that panics, debuggers and kernel probes show.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The thread's name, where it has one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether the thread has ended (or is tearing down its locals) while the access is still open: its guard was leaked.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended
    }
}

impl fmt::Display for ThreadInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread '{}' ({})", self.name().unwrap_or("<unnamed>"), self.id)?;
        if self.ended { f.write_str(", which has ended") } else { Ok(()) }
    }
}

/// One side of a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Party {
    /// What it does, and from where.
    pub access: Access,
    /// Which thread does it.
    pub thread: ThreadInfo,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` at {} by {}", self.access.operation, self.access.site, self.thread)
    }
}

/// The collection a conflict is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub(crate) id: u64,
    pub(crate) name: Option<Cow<'static, str>>,
    pub(crate) type_name: &'static str,
    pub(crate) created: Site,
}

impl Subject {
    /// A number that no other collection of this process has had or will have.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The name it was given.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The type of its contents.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// Where it was made.
    #[must_use]
    pub fn created(&self) -> Site {
        self.created
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "`{name}`"),
            None => write!(f, "the unnamed map made at {}", self.created),
        }
    }
}

/// An access that was refused because another was inside.
///
/// `try_` methods return it; the others panic with it or wait, by [`Mode`]. The collection has not been touched and stays
/// usable.
#[derive(Clone)]
pub struct Conflict(Box<Facts>);

#[derive(Clone)]
pub(crate) struct Facts {
    pub(crate) kind: ConflictKind,
    pub(crate) subject: Subject,
    pub(crate) mode: Mode,
    pub(crate) contender: Party,
    /// `None` where the holder could not be named: see [`Conflict::holder`].
    pub(crate) holder: Option<Party>,
    /// See [`Conflict::cycle`].
    pub(crate) chain: Vec<Party>,
}

impl Conflict {
    pub(crate) fn new(facts: Facts) -> Self {
        Self(Box::new(facts))
    }

    /// How the two sides collided.
    #[must_use]
    pub fn kind(&self) -> ConflictKind {
        self.0.kind
    }

    /// The collection it is about.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// The mode that was in force.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// The side that was refused.
    #[must_use]
    pub fn contender(&self) -> &Party {
        &self.0.contender
    }

    /// The side that was inside.
    ///
    /// `None` only where that access was entering or leaving for as long as the contender looked, which takes a thread
    /// that is stopped, or lost to a `fork`, between two instructions.
    #[must_use]
    pub fn holder(&self) -> Option<&Party> {
        self.0.holder.as_ref()
    }

    /// For a [`ConflictKind::Deadlock`]: the accesses on the circle of waits, from one inside the collection the contender
    /// asks for to one of the contender's own. Accesses that hold and accesses that wait take turns, each pair by one
    /// thread. Empty for other kinds.
    #[must_use]
    pub fn cycle(&self) -> &[Party] {
        &self.0.chain
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Facts { kind, subject, contender, holder, .. } = &*self.0;
        write!(f, "{kind} conflict on {subject}: {contender}")?;
        match holder {
            Some(holder) => write!(f, ", while {holder} is inside"),
            None => f.write_str(", while an access that could not be named is inside"),
        }
    }
}

impl fmt::Debug for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conflict")
            .field("kind", &self.0.kind)
            .field("subject", &self.0.subject)
            .field("mode", &self.0.mode)
            .field("contender", &self.0.contender)
            .field("holder", &self.0.holder)
            .finish()
    }
}

impl std::error::Error for Conflict {}

/// A refused write that hands back what it was given.
#[derive(Clone)]
#[non_exhaustive]
pub struct Refused<T> {
    /// Why it was refused.
    pub conflict: Conflict,
    /// The arguments: a key, a key and a value, or the entries.
    pub given: T,
}

impl<T> Refused<T> {
    pub(crate) fn new(conflict: Conflict, given: T) -> Self {
        Self { conflict, given }
    }
}

impl<T> fmt::Display for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.conflict.fmt(f)
    }
}

/// Leaves the arguments out: keys and values are never printed unasked.
impl<T> fmt::Debug for Refused<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refused").field("conflict", &self.conflict).finish_non_exhaustive()
    }
}

impl<T> std::error::Error for Refused<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.conflict)
    }
}

impl<T> From<Refused<T>> for Conflict {
    fn from(refused: Refused<T>) -> Self {
        refused.conflict
    }
}
