//! Stacks, captured raw: instruction pointers now, symbols later and elsewhere.

/// More frames than this are cut off at the far end: deep recursion must not make one report megabytes.
const DEPTH: usize = 128;

/// A stack as return addresses, innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawTrace {
    frames: Box<[usize]>,
    truncated: bool,
}

impl RawTrace {
    /// The calling thread's stack. Costs microseconds; resolves nothing.
    #[inline(never)]
    pub(crate) fn capture() -> Self {
        let mut frames = [0; DEPTH];
        let mut depth = 0;
        let mut truncated = false;
        backtrace::trace(|frame| {
            if depth == DEPTH {
                truncated = true;
                return false;
            }
            frames[depth] = frame.ip() as usize;
            depth += 1;
            true
        });
        Self { frames: frames[..depth].into(), truncated }
    }

    /// Return addresses, innermost first.
    pub(crate) fn frames(&self) -> &[usize] {
        &self.frames
    }

    /// Whether the far end was cut off.
    pub(crate) fn truncated(&self) -> bool {
        self.truncated
    }
}

/// When in its access a side's stack was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Moment {
    /// At the call that asked to come in.
    Entering,
    /// As the access ended, its caller's frames still on the stack.
    Leaving,
}

/// Why a side's stack is missing from a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Missing {
    /// `CHECKEDMAP_BACKTRACE=off`.
    Disabled,
    /// The holder did not leave within `CHECKEDMAP_EVIDENCE_MS`.
    StillInside,
    /// The holder's thread ended without dropping its guard.
    ThreadEnded,
    /// The holder is the contender's own thread; its frames are in the contender's stack, or its guard was leaked.
    SameThread,
    /// The holder's access had ended when it was asked.
    AlreadyLeft,
    /// The holder could not be named.
    Unnamed,
}

impl Missing {
    /// The sentence a report shows in the stack's place.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Disabled => "stacks are switched off (CHECKEDMAP_BACKTRACE=off)",
            Self::StillInside => "the holder was still inside when the wait for its stack ended (CHECKEDMAP_EVIDENCE_MS)",
            Self::ThreadEnded => "the holder's thread ended without dropping its guard",
            Self::SameThread => "both sides are one thread; see the other stack",
            Self::AlreadyLeft => "the holder had left before it could be asked",
            Self::Unnamed => "the holder could not be named",
        }
    }
}

/// A stack, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    Taken(Moment, RawTrace),
    Missing(Missing),
}
