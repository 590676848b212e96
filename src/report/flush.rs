//! Waiting for every report to be out.

use std::fmt;
use std::time::{Duration, Instant};

/// Why a [`flush`](super::flush()) ended early. What is left is still on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlushError {
    /// The deadline passed.
    #[non_exhaustive]
    Deadline {
        /// Reports still on their way; 0 where only a sink's own flush is missing.
        left: usize,
        /// How long it had been given.
        deadline: Duration,
    },
    /// A sink at work asked for it, and cannot wait for itself.
    #[non_exhaustive]
    InsideSink {
        /// Reports still on their way.
        left: usize,
    },
}

impl fmt::Display for FlushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline { left: 0, deadline } => write!(f, "a sink had not flushed after {deadline:?}"),
            Self::Deadline { left, deadline } => {
                write!(f, "{left} conflict reports were still on their way after {deadline:?}")
            }
            Self::InsideSink { left } => {
                write!(f, "a sink cannot wait for itself; {left} conflict reports are still on their way")
            }
        }
    }
}

impl std::error::Error for FlushError {}

/// One caller's wish.
pub(super) struct FlushRequest {
    pub(super) ticket: u64,
    /// The last reports it waits for. Later ones do not hold it up.
    pub(super) up_to: UpTo,
    /// When reports still waiting for a holder's stack go out without it.
    pub(super) cutoff: Instant,
}

/// The last number given to a report of each class.
#[derive(Clone, Copy)]
pub(super) struct UpTo {
    pub(super) conflict: u64,
    pub(super) suspect: u64,
}
