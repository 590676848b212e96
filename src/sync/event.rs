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

use std::time::Instant;

use super::futex::Futex;
use super::{AtomicU32, Ordering, const_unless_modelled, fence};

/// See the module's page. Aligned so that each of several has a cache line.
#[repr(align(64))]
pub(crate) struct Event {
    /// How often it was signalled, modulo 2³². Written by who wakes.
    epoch: Futex,
    /// How many threads sleep here or are about to. Written by themselves.
    sleepers: AtomicU32,
}

impl Event {
    const_unless_modelled! {
        pub(crate) fn new() -> Self {
            Self { epoch: Futex::new(), sleepers: AtomicU32::new(0) }
        }
    }

    /// Sleeps, unless `still_blocked` says no, until [`Event::signal`] or the deadline; may return earlier.
    pub(crate) fn wait(&self, still_blocked: impl Fn() -> bool, deadline: Option<Instant>) {
        self.sleepers.fetch_add(1, Ordering::Relaxed);
        // SeqCst: pairs with the fence in `signal`.
        fence(Ordering::SeqCst);
        // Acquire: pairs with the addition in `signal`, behind its fence.
        let epoch = self.epoch.word.load(Ordering::Acquire);
        if still_blocked() {
            self.epoch.wait(epoch, deadline);
        }
        // Relaxed: a hint by now.
        self.sleepers.fetch_sub(1, Ordering::Relaxed);
    }

    /// Wakes all that sleep here. To be called after the change that they wait for.
    pub(crate) fn signal(&self) {
        // SeqCst: pairs with the fence in `wait`.
        fence(Ordering::SeqCst);
        if self.sleepers.load(Ordering::Relaxed) != 0 {
            // Relaxed: after the fence it releases the change all the same.
            self.epoch.word.fetch_add(1, Ordering::Relaxed);
            self.epoch.wake_all();
        }
    }
}

#[cfg(all(test, checkedmap_loom))]
mod models {
    use loom::sync::Arc;
    use loom::thread;

    use super::*;
    use crate::sync::AtomicBool;

    /// A wake-up that is missed leaves a thread asleep for ever, which loom reports as a deadlock.
    #[test]
    fn whoever_waits_for_a_change_sees_it_or_is_woken() {
        loom::model(|| {
            let shared = Arc::new((Event::new(), AtomicBool::new(false)));
            let sleepers: Vec<_> = (0..2)
                .map(|_| {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || {
                        let (event, changed) = &*shared;
                        // Relaxed: that the change is seen is up to the event.
                        let waits = || !changed.load(Ordering::Relaxed);
                        while waits() {
                            event.wait(waits, None);
                        }
                    })
                })
                .collect();
            let (event, changed) = &*shared;
            changed.store(true, Ordering::Relaxed);
            event.signal();
            for sleeper in sleepers {
                sleeper.join().unwrap();
            }
        });
    }
}

#[cfg(all(test, not(checkedmap_loom)))]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

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
