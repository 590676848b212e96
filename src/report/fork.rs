//! What `fork` does to the reporter.
//!
//! The child has the memory of its parent and only the forking thread. Its parent's reporter thread is not there, and a lock
//! some other thread held is held for ever. So the child starts a new generation: the first use in it makes a reporter with
//! locks of its own and empty books, while the parent's stays in memory, untouched. Numbers of conflicts start anew; the
//! process id in each report tells them apart.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use once_cell::race::OnceBox;

use super::Reporter;

/// How many forks lie between the first process and this one.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// The reporters of this process and of its forefathers, oldest first. Only generations that used theirs are in it.
static REPORTERS: OnceBox<Generation> = OnceBox::new();

/// Whether some thread resolves symbols.
static RESOLVING: AtomicBool = AtomicBool::new(false);

struct Generation {
    number: u64,
    reporter: Reporter,
    next: OnceBox<Generation>,
}

impl Reporter {
    /// The process's reporter, made at the first use. Never blocks.
    pub(crate) fn current() -> &'static Self {
        let number = generation();
        let mut place = &REPORTERS;
        let mut parent = None;
        loop {
            let generation = place
                .get_or_init(|| Box::new(Generation { number, reporter: Self::after(parent), next: OnceBox::new() }));
            if generation.number == number {
                return &generation.reporter;
            }
            parent = Some(&generation.reporter);
            place = &generation.next;
        }
    }

    /// The process's reporter, if it has been used.
    pub(super) fn existing() -> Option<&'static Self> {
        let mut generations = std::iter::successors(REPORTERS.get(), |generation| generation.next.get());
        let current = generations.find(|generation| generation.number == self::generation());
        current.map(|generation| &generation.reporter)
    }
}

fn generation() -> u64 {
    // Relaxed: only the forking thread lives to see the change, and it made it.
    GENERATION.load(Ordering::Relaxed)
}

/// Called in the parent before a `fork`, on the forking thread: waits until no thread is inside the symbol resolver, whose
/// lock is not ours to reset in the child.
pub(crate) fn before_fork() {
    take_resolver();
}

/// Called in the parent after a `fork`.
pub(crate) fn after_fork_in_parent() {
    release_resolver();
}

/// Called in the child after a `fork`. Stores atomics, and nothing else.
pub(crate) fn after_fork_in_child() {
    release_resolver();
    // Relaxed: the child has one thread.
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// Proof that this thread, and no other, resolves symbols. The resolver has one lock for all anyway. In a fork handler of the
/// program's the thread has this right already, for the time of the fork.
pub(super) struct Resolving {
    is_for_the_fork: bool,
}

impl Resolving {
    pub(super) fn begin() -> Self {
        let is_for_the_fork = crate::fork::is_forking();
        if !is_for_the_fork {
            take_resolver();
        }
        Self { is_for_the_fork }
    }
}

impl Drop for Resolving {
    fn drop(&mut self) {
        if !self.is_for_the_fork {
            release_resolver();
        }
    }
}

/// A lock that a `fork` handler can take on one side and release on both, by plain stores.
fn take_resolver() {
    // Acquire: pairs with the Release in `release_resolver`. Relaxed on failure: nothing is read on the strength of it.
    while RESOLVING.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
        // Look-ups take milliseconds, and those who wait for one are the reporter and threads about to panic.
        std::thread::sleep(Duration::from_micros(100));
    }
}

fn release_resolver() {
    // Release: pairs with the Acquire in `take_resolver`; the next one's look-ups come after ours.
    RESOLVING.store(false, Ordering::Release);
}
