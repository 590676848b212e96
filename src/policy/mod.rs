//! What follows a conflict: the user's [`Mode`] and the circuit [`breaker`].

use std::fmt;
use std::str::FromStr;

pub(crate) mod breaker;

pub use breaker::Circuit;

/// What happens to the access that is refused.
///
/// A re-entrant conflict and a wait cycle panic in every mode, since waiting could not end them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[repr(u8)]
#[non_exhaustive]
pub enum Mode {
    /// Panics with the report, after a bounded wait for the holder's stack. The collection stays usable.
    #[default]
    Panic = 1,
    /// The same, then flushes the reports and aborts the process, as Go's runtime does.
    Abort = 2,
    /// Reports, waits for its turn and goes on.
    Log = 3,
    /// Reports once; the collection degrades to a reader-writer lock until it has been quiet, and everyone goes on.
    Fallback = 4,
}

impl Mode {
    /// Every mode.
    pub const ALL: &'static [Self] = &[Self::Panic, Self::Abort, Self::Log, Self::Fallback];

    /// The word for it in `CHECKEDMAP_MODE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Abort => "abort",
            Self::Log => "log",
            Self::Fallback => "fallback",
        }
    }

    pub(crate) const fn from_u8(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Panic),
            2 => Some(Self::Abort),
            3 => Some(Self::Log),
            4 => Some(Self::Fallback),
            _ => None,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no [`Mode`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseModeError(pub(crate) ());

impl fmt::Display for ParseModeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a mode; allowed are panic, abort, log and fallback")
    }
}

impl std::error::Error for ParseModeError {}

impl FromStr for Mode {
    type Err = ParseModeError;

    /// Reads `panic`, `abort`, `log` or `fallback`.
    ///
    /// # Errors
    ///
    /// Any other word.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|mode| mode.as_str() == word).ok_or(ParseModeError(()))
    }
}
