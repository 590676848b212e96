//! Which threads are about.

use std::sync::atomic::{AtomicU64, Ordering};

// Every Relaxed below: hints that publish nothing.

/// Which threads are about.
#[derive(Default)]
pub(super) struct Phase {
    /// Who came last, and when.
    thread: AtomicU64,
    at: AtomicU64,
    /// When somebody else came last.
    other: AtomicU64,
}

impl Phase {
    /// Takes note of an access; whether another thread has made one within the window. Two threads that come at the same
    /// moment may both be taken for the first: the next access sees them.
    pub(super) fn visit(&self, thread: u64, now: u64, window: u64) -> bool {
        let (last, at) = (self.thread.load(Ordering::Relaxed), self.at.load(Ordering::Relaxed));
        self.at.store(now, Ordering::Relaxed);
        let other = if last == thread || at == 0 {
            self.other.load(Ordering::Relaxed)
        } else {
            self.other.store(at, Ordering::Relaxed);
            at
        };
        self.thread.store(thread, Ordering::Relaxed);
        other != 0 && now.saturating_sub(other) <= window
    }
}
