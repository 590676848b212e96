//! The right of one thread to write, which the child of a `fork` can tell from that of a thread it does not have.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long to wait for another thread that writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long to sleep between two looks: what one waits for takes a disk's time.
const PAUSE: Duration = Duration::from_millis(1);

/// See the module's page.
#[derive(Debug)]
pub(super) struct Writing {
    /// The id of the process whose thread writes, or 0. Another process's is of no consequence: its thread has not come along.
    process: AtomicU32,
}

/// Taken from [`Writing`], and given back.
pub(super) struct Guard<'a>(&'a Writing);

impl Writing {
    pub(super) fn new() -> Self {
        Self { process: AtomicU32::new(0) }
    }

    /// Waits for the threads of this process that write, at most for some seconds.
    pub(super) fn begin(&self) -> Option<Guard<'_>> {
        self.begin_within(PATIENCE)
    }

    fn begin_within(&self, patience: Duration) -> Option<Guard<'_>> {
        let own = std::process::id();
        let deadline = Instant::now() + patience;
        loop {
            let current = self.process.load(Ordering::Relaxed);
            // Acquire: pairs with the Release in `drop`; what the last one has noted is seen here.
            let take = || self.process.compare_exchange(current, own, Ordering::Acquire, Ordering::Relaxed).is_ok();
            if current != own && take() {
                return Some(Guard(self));
            }
            if Instant::now() >= deadline {
                return None;
            }
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        // Release: see `begin`.
        self.0.process.store(0, Ordering::Release);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::test_process::{ended_well, fork, is_child, run};

    #[test]
    fn a_child_does_not_wait_for_a_thread_that_it_does_not_have() {
        const NAME: &str = "hunt::plan_file::writing::tests::a_child_does_not_wait_for_a_thread_that_it_does_not_have";
        if !is_child(NAME) {
            return run(NAME);
        }
        let writing = Writing::new();
        let inherited = writing.begin().expect("nobody writes");
        let child = fork(|| {
            let own = writing.begin();
            let had_it = own.is_some();
            drop(own);
            had_it && writing.begin().is_some()
        });
        assert!(ended_well(child));
        drop(inherited);
    }

    #[test]
    fn one_thread_writes_at_a_time() {
        let writing = Writing::new();
        let first = writing.begin().expect("nobody writes");
        assert!(writing.begin_within(Duration::ZERO).is_none());
        drop(first);
        assert!(writing.begin_within(Duration::ZERO).is_some());
    }
}
