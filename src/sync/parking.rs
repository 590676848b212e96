//! Threads that wait for something to change, at the address of what they wait for.
//!
//! A byte is too small to sleep on, and a gate has no room for more. So the byte's address chooses among a fixed number of
//! places that do. Some wake-ups are for the waiters of another byte: all who park look again, and sleep on.

use std::time::Instant;

/// See the module's page. A type without size could share its address with the lock beside it, whose waiters have keys of
/// their own.
pub(crate) struct Parking(#[allow(dead_code)] u8);

impl Parking {
    pub(crate) const fn new() -> Self {
        Self(0)
    }

    /// Waits until [`Parking::unpark_all`] or the deadline, unless `still_blocked` says no; may return earlier. A wake-up between
    /// that look and the sleep is not missed. `still_blocked` must not panic, nor wait for anything.
    pub(crate) fn park(&self, still_blocked: impl Fn() -> bool, deadline: Option<Instant>) {
        place::wait(std::ptr::from_ref(self).addr(), still_blocked, deadline);
    }

    /// Wakes who is parked here. To be called after the change that they wait for. Looks at the address alone: what is there
    /// may be gone by then.
    pub(crate) fn unpark_all(&self) {
        place::signal(std::ptr::from_ref(self).addr());
    }
}

/// Places without a lock, so that a child of `fork` finds them in order.
#[cfg(target_os = "linux")]
mod place {
    use std::time::Instant;

    use crate::sync::event::Event;

    const PLACES: usize = 64;

    static EVENTS: [Event; PLACES] = [const { Event::new() }; PLACES];

    fn at(address: usize) -> &'static Event {
        // Fibonacci hashing: gates lie at multiples of 64, and what divides them best is in the product's upper half.
        let mixed = (address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        &EVENTS[(mixed >> (u64::BITS - PLACES.ilog2())) as usize]
    }

    pub(super) fn wait(address: usize, still_blocked: impl Fn() -> bool, deadline: Option<Instant>) {
        at(address).wait(still_blocked, deadline);
    }

    pub(super) fn signal(address: usize) {
        at(address).signal();
    }
}

/// parking_lot's places, which have locks and queues.
#[cfg(not(target_os = "linux"))]
#[allow(unsafe_code)]
mod place {
    use std::time::Instant;

    use parking_lot_core::{DEFAULT_PARK_TOKEN, DEFAULT_UNPARK_TOKEN};

    pub(super) fn wait(address: usize, still_blocked: impl Fn() -> bool, deadline: Option<Instant>) {
        // SAFETY: the key is the address of memory the caller owns; `still_blocked`, by the contract of `park`, neither panics
        // nor waits, so it does not call into parking_lot, and the other callbacks are empty.
        unsafe { parking_lot_core::park(address, still_blocked, || {}, |_, _| {}, DEFAULT_PARK_TOKEN, deadline) };
    }

    pub(super) fn signal(address: usize) {
        // SAFETY: the key is the address of memory the caller owns, or has owned: whoever is parked there looks again.
        unsafe { parking_lot_core::unpark_all(address, DEFAULT_UNPARK_TOKEN) };
    }
}
