//! Where threads meet between two steps, all awake: a barrier that sleeps would let them set out one after the other.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Looks at the others before the processor is given away.
const SPINS: u32 = 2_000;

pub(crate) struct Rendezvous {
    parties: usize,
    /// Arrivals since the beginning, over all meetings.
    arrived: AtomicUsize,
    /// Set by a party that panics, since the others would wait for it for ever.
    broken: AtomicBool,
}

/// One party's ticket.
pub(crate) struct Party<'a> {
    meeting: &'a Rendezvous,
    /// How many arrivals end the next meeting.
    due: usize,
}

impl Rendezvous {
    pub(crate) fn new(parties: usize) -> Self {
        Self { parties, arrived: AtomicUsize::new(0), broken: AtomicBool::new(false) }
    }

    pub(crate) fn parties(&self) -> usize {
        self.parties
    }

    /// One call for each party.
    pub(crate) fn join(&self) -> Party<'_> {
        Party { meeting: self, due: 0 }
    }
}

impl Party<'_> {
    /// Waits until every party has called it as often as this one.
    ///
    /// What a party did before happens before what any does after.
    pub(crate) fn meet(&mut self) {
        let Rendezvous { parties, arrived, broken } = self.meeting;
        self.due += parties;
        // AcqRel: pairs with the Acquire below, and with the other arrivals.
        arrived.fetch_add(1, Ordering::AcqRel);
        let mut spins = 0;
        // Acquire: pairs with the arrivals.
        while arrived.load(Ordering::Acquire) < self.due {
            // Relaxed: a flag alone.
            assert!(!broken.load(Ordering::Relaxed), "another thread has panicked");
            spins += 1;
            if spins < SPINS {
                std::hint::spin_loop();
            } else {
                thread::yield_now();
            }
        }
    }
}

impl Drop for Party<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            // Relaxed: a flag alone.
            self.meeting.broken.store(true, Ordering::Relaxed);
        }
    }
}
