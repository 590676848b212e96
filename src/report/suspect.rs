//! Suspects: what a check-then-act over two calls looks like to people and programs.
//!
//! A suspect is no [`Report`](super::Report). Each of its three accesses was alone and did what it was asked to; that they
//! come in this order is a fact, that the program minds is not. So suspects have a type, books and sink methods of their
//! own, and nothing that counts conflicts counts them.

use std::fmt;

use super::{MapIdentity, Side};

/// What kind of suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum SuspectKind {
    /// A key was looked up, written by somebody else, and then written on the strength of the lookup.
    StaleCheck,
}

impl SuspectKind {
    /// The name used in reports and telemetry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StaleCheck => "stale_check",
        }
    }
}

impl fmt::Display for SuspectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much a suspect says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Severity {
    /// Worth a look. The acting access may well know of the intervening one: it is shown what that one left, or does what is
    /// right either way. Or the intervening one may have changed nothing.
    Hint,
    /// What the lookup had found was no longer so, and the acting access could not see it. Of a value this is known as far
    /// as it was replaced, or lent to be changed: whether it came back another one is not looked at.
    Suspect,
}

impl Severity {
    /// The word for it in reports and telemetry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Suspect => "suspect",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the lookup found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Found {
    /// No entry, or none any more: the lookup may be a `remove`.
    Absent,
    /// An entry, whose value was not handed out.
    Present,
    /// An entry and its value, lent or handed out, by itself or in a walk.
    Value,
    /// An entry and its value, which the lookup, an insert, replaced.
    Replaced,
}

impl Found {
    /// The name used in reports and telemetry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Present => "present",
            Self::Value => "value",
            Self::Replaced => "replaced",
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Effect {
    /// The acting write replaced what the intervening one had written.
    Overwritten,
    /// The acting write removed what the intervening one had written.
    Removed,
    /// The acting write put back an entry that the intervening one had removed.
    Revived,
    /// The acting access was lent a value that the intervening one had changed since it was looked at.
    Altered,
    /// The acting access came to change an entry which its own thread had inserted, and the intervening one had removed it.
    Missed,
}

impl Effect {
    /// The name used in reports and telemetry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overwritten => "overwritten",
            Self::Removed => "removed",
            Self::Revived => "revived",
            Self::Altered => "altered",
            Self::Missed => "missed",
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key that was looked up, written by another thread or task, and written by the first on the strength of what it had
/// seen.
///
/// `Display` writes it for people; with the `serde` feature it has a versioned JSON form. The key itself is never in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Suspect {
    #[cfg(feature = "serde")]
    pub(crate) schema: super::json::Schema,
    /// How much it says.
    pub severity: Severity,
    /// What kind it is.
    pub kind: SuspectKind,
    /// Its number among the suspects of its process, from 1. Conflicts have numbers of their own.
    pub number: u64,
    /// The process's id.
    pub pid: u32,
    /// The collection.
    pub map: MapIdentity,
    /// What the lookup found.
    pub found: Found,
    /// What came of it.
    pub effect: Effect,
    /// The first step: the lookup.
    pub lookup: Side,
    /// The second: somebody else's write.
    pub intervening: Side,
    /// The third: the write by the thread or task of the lookup.
    pub acting: Side,
    /// From the lookup to the acting write, in nanoseconds.
    pub elapsed: u64,
    /// From the lookup to the intervening write, in nanoseconds; `None` in reports that do not tell.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub intervened: Option<u64>,
    /// When the acting write was made, in nanoseconds since 1970.
    pub detected: u64,
    /// How many it stands for: itself, and those between the same three sites that came before it was written.
    pub count: u64,
    /// What the choices of the hunt were drawn from, where anything was hunted as this was written: as in a
    /// [`Report`](super::Report::hunt_seed).
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub hunt_seed: Option<u64>,
}

/// Suspects folded into one that was reported before.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SuspectRepeat {
    /// The suspect that stands for them.
    #[cfg_attr(feature = "serde", serde(rename = "repeat_of_suspect"))]
    pub number: u64,
    /// The process's id: numbers are its own, and several processes may share a file. 0 in lines that do not tell.
    #[cfg_attr(feature = "serde", serde(default))]
    pub pid: u32,
    /// What kind they are.
    pub kind: SuspectKind,
    /// How much each of them says, which is as much as the one that stands for them; `None` in lines that do not tell.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub severity: Option<Severity>,
    /// The collection.
    pub map: Option<MapIdentity>,
    /// How many there were since the report, or since the last count.
    pub count: u64,
    /// The first of them, in nanoseconds since 1970.
    pub first: u64,
    /// The last of them, in nanoseconds since 1970.
    pub last: u64,
}
