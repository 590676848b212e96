//! Something to sleep on that has no queue in the program's memory: the kernel has it, and a child of `fork` gets none of it.
//!
//! # Argument
//!
//! *No wake-up is missed.* Who sleeps reads `epoch`, looks whether there is a reason to, and has the kernel put it to sleep if
//! `epoch` is still the same, which the kernel checks as it would wake. Who wakes has changed what the other looks at, and
//! adds to `epoch` then. If the sleeper has read the sum, it sees the change; if not, and it is not asleep yet, the kernel
//! refuses, and it looks again; else it is woken.
//!
//! *Nobody is overlooked.* Who wakes leaves the rest out where `sleepers` is 0. Between adding to it and looking, the
//! sleeper has a sequentially consistent fence; between the change and the look at it, so has the other. One of the two
//! sees what the other has done.
//!
//! *A fork at any moment is harmless.* There is no lock. The child may count sleepers that it does not have, and then wakes
//! for nothing.

use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::time::{Duration, Instant};

/// See the module's page. Aligned so that each of several has a cache line.
#[repr(align(64))]
pub(crate) struct Event {
    /// How often it was signalled, modulo 2³². Written by who wakes.
    epoch: AtomicU32,
    /// How many threads sleep here or are about to. Written by themselves.
    sleepers: AtomicU32,
}

impl Event {
    pub(crate) const fn new() -> Self {
        Self { epoch: AtomicU32::new(0), sleepers: AtomicU32::new(0) }
    }

    /// Sleeps, unless `still_blocked` says no, until [`Event::signal`] or the deadline; may return earlier.
    pub(crate) fn wait(&self, still_blocked: impl Fn() -> bool, deadline: Option<Instant>) {
        self.sleepers.fetch_add(1, Ordering::Relaxed);
        // SeqCst: pairs with the fence in `signal`.
        fence(Ordering::SeqCst);
        // Acquire: pairs with the Release in `signal`.
        let epoch = self.epoch.load(Ordering::Acquire);
        if still_blocked() {
            futex_wait(&self.epoch, epoch, deadline);
        }
        // Relaxed: a hint by now.
        self.sleepers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Wakes all that sleep here. To be called after the change that they wait for.
    pub(crate) fn signal(&self) {
        // SeqCst: pairs with the fence in `wait`.
        fence(Ordering::SeqCst);
        if self.sleepers.load(Ordering::Relaxed) != 0 {
            // Release: pairs with the Acquire in `wait`.
            self.epoch.fetch_add(1, Ordering::Release);
            futex_wake_all(&self.epoch);
        }
    }
}

fn futex_wait(word: &AtomicU32, expected: u32, deadline: Option<Instant>) {
    let timeout = deadline.map(|deadline| timespec(deadline.saturating_duration_since(Instant::now())));
    let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word and the timeout outlive the call, and the kernel only reads them. Whatever it returns, the caller looks
    // again.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, expected, timeout) };
}

fn futex_wake_all(word: &AtomicU32) {
    let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
    // SAFETY: the word is only an address to the kernel.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, i32::MAX) };
}

fn timespec(duration: Duration) -> libc::timespec {
    // SAFETY: a plain structure of numbers, for which zeros are values.
    let mut timespec: libc::timespec = unsafe { std::mem::zeroed() };
    timespec.tv_sec = duration.as_secs().try_into().unwrap_or(libc::time_t::MAX);
    timespec.tv_nsec = duration.subsec_nanos().into();
    timespec
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn who_waits_is_woken_by_the_change_it_waits_for() {
        const ROUNDS: usize = if cfg!(miri) { 20 } else { 2_000 };

        let event = Event::new();
        for _ in 0..ROUNDS {
            let changed = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    while !changed.load(Ordering::Relaxed) {
                        // Without a deadline: what is missed is missed for good.
                        event.wait(|| !changed.load(Ordering::Relaxed), None);
                    }
                });
                changed.store(true, Ordering::Relaxed);
                event.signal();
            });
        }
        assert_eq!(event.sleepers.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_wait_ends_by_its_deadline_or_by_what_has_changed_before() {
        let event = Event::new();
        let began = Instant::now();
        event.wait(|| true, Some(began + Duration::from_millis(2)));
        assert!(began.elapsed() >= Duration::from_millis(2));
        event.wait(|| false, None);
    }

    /// What the sleeper looks at changes after it has looked.
    #[test]
    fn a_signal_between_the_look_and_the_sleep_is_not_missed() {
        let event = Event::new();
        event.wait(
            || {
                event.signal();
                true
            },
            None,
        );
    }
}
