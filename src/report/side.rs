//! One side of a report: who did what, from where, and how it came there.

use std::fmt;

use crate::access::{AccessKind, Site};
use crate::conflict::ThreadInfo;
use crate::conflict::trace::{Missing, Moment};
use crate::context::RequestContext;

/// Which side of a conflict, or which step of a suspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Role {
    /// It was inside.
    Holder,
    /// It was refused.
    Contender,
    /// It looked the key up.
    Lookup,
    /// It wrote the key in between.
    Intervening,
    /// It wrote the key on the strength of the lookup.
    Acting,
}

impl Role {
    /// The word for it in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holder => "holder",
            Self::Contender => "contender",
            Self::Lookup => "lookup",
            Self::Intervening => "intervening",
            Self::Acting => "acting",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A [`Site`], owned.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SourceSite {
    /// The source file, as the compiler was given it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl From<Site> for SourceSite {
    fn from(site: Site) -> Self {
        Self { file: site.file().to_owned(), line: site.line(), column: site.column() }
    }
}

impl fmt::Display for SourceSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A [`ThreadInfo`], owned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ThreadIdentity {
    /// The operating system's id.
    pub id: u64,
    /// The name, where it has one.
    pub name: Option<String>,
    /// Whether it had ended while its access was still open.
    pub ended: bool,
}

impl From<&ThreadInfo> for ThreadIdentity {
    fn from(thread: &ThreadInfo) -> Self {
        Self { id: thread.id(), name: thread.name().map(str::to_owned), ended: thread.has_ended() }
    }
}

impl fmt::Display for ThreadIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread '{}' ({})", self.name.as_deref().unwrap_or("<unnamed>"), self.id)?;
        if self.ended { f.write_str(", which has ended") } else { Ok(()) }
    }
}

/// One function of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Frame {
    /// Its name, demangled, without the hash.
    pub function: Option<String>,
    /// The source file, where there is debug information.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column, from 1.
    pub column: Option<u32>,
    /// Whether it is the program's own code rather than std's, a dependency's or ours.
    pub user: bool,
    /// The return address; functions inlined into one another share it.
    pub address: u64,
}

/// A stack, innermost function first, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "state", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum StackTrace {
    /// It was taken.
    #[non_exhaustive]
    Taken {
        /// When in the access.
        moment: Moment,
        /// The frames, those of this library cut from the inner end.
        frames: Vec<Frame>,
        /// Whether the outer end was cut off for its depth.
        truncated: bool,
    },
    /// It is missing.
    #[non_exhaustive]
    Missing {
        /// Why.
        reason: Missing,
    },
}

/// One side of a report, or one step of a suspect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Side {
    /// Which one.
    pub role: Role,
    /// The operation, by the name of the method.
    pub operation: String,
    /// Whether it reads or writes.
    pub access: AccessKind,
    /// Where the program asks for it.
    pub site: SourceSite,
    /// The thread.
    pub thread: ThreadIdentity,
    /// How it came there.
    pub stack: StackTrace,
    /// The request it was serving, as far as anyone knows.
    #[cfg_attr(feature = "serde", serde(default))]
    pub context: RequestContext,
}
