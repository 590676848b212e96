//! A conflict with its evidence as it was gathered: raw stacks, an open inquiry, nothing formatted yet.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::conflict::Conflict;
use crate::conflict::inquiry::Inquiry;
use crate::conflict::trace::Stack;
use crate::context::RequestContext;

/// What became of the access that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Outcome {
    /// It panicked.
    Panicked,
    /// The process aborted.
    Aborted,
    /// It waited for its turn.
    Waited,
    /// The collection degraded to a lock, and it went on through that.
    Degraded,
    /// A `try_` method returned the conflict.
    Returned,
}

impl Outcome {
    /// The name used in reports and telemetry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Panicked => "panicked",
            Self::Aborted => "aborted",
            Self::Waited => "waited",
            Self::Degraded => "degraded",
            Self::Returned => "returned",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The raw material of one report.
pub(crate) struct Observation {
    pub(crate) conflict: Conflict,
    pub(crate) outcome: Outcome,
    /// When the contender was refused, by the calendar and by the monotonic clock.
    pub(crate) detected: SystemTime,
    pub(crate) instant: Instant,
    pub(crate) contender_stack: Stack,
    pub(crate) contender_context: RequestContext,
    pub(crate) holder: HolderEvidence,
    /// For a stuck wait or a deadlock: how long the contender had waited when it was reported.
    pub(crate) waited: Option<Duration>,
}

/// The holder's stack, or the question for it.
pub(crate) enum HolderEvidence {
    Known(Stack),
    Asked {
        inquiry: Arc<Inquiry>,
        /// When to give up and report the site alone.
        deadline: Instant,
        /// What to show where no answer comes: the stack of entry under `CHECKEDMAP_BACKTRACE=always`, else the reason.
        otherwise: Stack,
    },
}
