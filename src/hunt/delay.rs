//! Staying inside for a moment longer.
//!
//! The access has been admitted and has not begun, so whoever comes meanwhile is refused at the gate and finds it in its
//! ledger, as any holder. A refusal marks the gate as contended before it is told to anyone: that mark ends the delay, and
//! the conflict goes its ordinary way.

use std::time::{Duration, Instant};

use crate::clock;
use crate::gate::Gate;
use crate::sync::Parking;

/// A delay of another gate's ends this one's sleep too; it sleeps on. There are few at a time.
static DELAYED: Parking = Parking::new();

/// Stays, at most for so many nanoseconds, until somebody is refused at the gate. When it began and ended, and whether
/// somebody was.
pub(super) fn linger(gate: &Gate, length: u64) -> ((u64, u64), bool) {
    let began = Instant::now();
    let deadline = began + Duration::from_nanos(length);
    while !gate.is_contended() && Instant::now() < deadline {
        DELAYED.park(|| !gate.is_contended(), Some(deadline));
    }
    ((clock::nanoseconds(began), clock::nanoseconds(Instant::now())), gate.is_contended())
}

/// Wakes those that stay: an access was refused somewhere. To be called once the gate is marked.
pub(super) fn wake() {
    DELAYED.unpark_all();
}

