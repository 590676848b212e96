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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::{CheckedCell, Mode, Operation};

    const PATIENCE: Duration = Duration::from_secs(30);
    const HOUR: u64 = 3_600_000_000_000;

    #[test]
    fn a_delay_without_a_visitor_lasts_as_long_as_it_should() {
        let ((began, ended), caught) = linger(&Gate::new(), 2_000_000);
        assert!(!caught);
        assert!(ended - began >= 2_000_000, "{began} to {ended}");
    }

    /// A thread stays inside for an hour, with this access; another one comes with that.
    fn is_woken(stays: Operation, comes: Operation) -> Option<bool> {
        let cell: &'static CheckedCell<u32> = Box::leak(Box::new(CheckedCell::new(0)));
        cell.set_mode(Mode::Log);
        cell.set_hunt(true);
        let (told, telling) = mpsc::channel();
        let (inside, entering) = mpsc::channel();
        std::thread::spawn(move || {
            let _held = cell.checkpoint().enter(stays);
            inside.send(()).expect("the test waits for it");
            let (_, caught) = linger(cell.checkpoint().gate(), HOUR);
            // Where the test has failed, nobody listens any more.
            let _ = told.send(caught);
        });
        entering.recv().expect("it gets in");
        let refused = cell.checkpoint().try_enter(comes).is_err();
        let woken = telling.recv_timeout(if refused { PATIENCE } else { Duration::from_millis(50) }).ok();
        cell.set_hunt(None);
        woken
    }

    #[test]
    fn a_visitor_ends_the_delay_at_once() {
        assert_eq!(is_woken(Operation::Insert, Operation::Insert), Some(true));
        assert_eq!(is_woken(Operation::Insert, Operation::Get), Some(true));
        assert_eq!(is_woken(Operation::Get, Operation::Insert), Some(true));
    }

    #[test]
    fn who_may_be_inside_too_does_not() {
        assert_eq!(is_woken(Operation::Get, Operation::Get), None);
    }
}
