//! Staying inside for somebody to come.
//!
//! Whoever marks the gate as contended wakes those that linger: who waits with the mark, and who is refused once it has seen
//! whom it has met, or the wake-up would let them leave unmet. A mark is taken back only while nobody is inside, so who lingers
//! finds it.

use std::time::Instant;

use super::Gate;
use crate::sync::Parking;

/// Where all who linger sleep, whatever gate they are inside of: there are few at a time.
static LINGERING: Parking = Parking::new();

impl Gate {
    /// Sleeps until the deadline, until somebody is refused here or waits, or until `stays` says no and [`wake_lingering`] was
    /// called. For an access that is inside. `stays` must not panic, nor wait for anything.
    pub(crate) fn linger(&self, deadline: Instant, stays: impl Fn() -> bool) {
        let stays = || !self.is_contended() && stays();
        while stays() && Instant::now() < deadline {
            LINGERING.park(stays, Some(deadline));
        }
    }
}

/// Has those that linger look whether they still should. To be called after the change that they look at.
pub(crate) fn wake_lingering() {
    LINGERING.unpark_all();
}
