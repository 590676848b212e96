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
        walk(|frame| {
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

/// Walks the calling thread's stack without the `backtrace` crate's process-wide lock. Whoever resolves symbols holds that for
/// as long as it takes to read the debug information, up to seconds the first time, and the thread that is captured is in the
/// middle of its own work.
#[cfg(unix)]
#[allow(unsafe_code)]
fn walk(visit: impl FnMut(&backtrace::Frame) -> bool) {
    // SAFETY: walking needs the lock for debuggers' libraries which are not thread-safe; on Unix the platform's unwinder
    // walks, which panics of several threads use side by side as well. `visit` only stores instruction pointers.
    unsafe { backtrace::trace_unsynchronized(visit) };
}

#[cfg(not(unix))]
fn walk(visit: impl FnMut(&backtrace::Frame) -> bool) {
    backtrace::trace(visit);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_capture_does_not_wait_for_the_resolver() {
        let address = RawTrace::capture().frames()[0];
        let mut captured = None;
        // The resolver calls back with its lock held.
        backtrace::resolve(address as *mut std::ffi::c_void, |_| {
            let (done, finished) = std::sync::mpsc::channel();
            std::thread::spawn(move || done.send(RawTrace::capture()));
            captured = finished.recv_timeout(std::time::Duration::from_secs(60)).ok();
        });
        assert!(!captured.expect("captured beside the resolver").frames().is_empty());
    }
}
