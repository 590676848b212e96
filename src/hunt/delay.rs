//! Staying inside for a moment longer.
//!
//! The access has been admitted and has not begun, so whoever comes meanwhile is refused at the gate and finds it in its
//! ledger, as any holder. A refusal marks the gate as contended before it is told to anyone: that mark ends the delay, and
//! the conflict goes its ordinary way.

use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::time::{Duration, Instant};

use crate::clock;
use crate::gate::Gate;
use crate::sync::Parking;

/// A delay of another gate's ends this one's sleep too; it sleeps on. There are few at a time.
static DELAYED: Parking = Parking::new();

/// How many threads stay. Where there are none, nobody has to be woken. Written by who stays.
static SLEEPERS: AtomicU32 = AtomicU32::new(0);

/// What ended a delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Somebody walked in.
    Caught,
    /// Nobody came.
    InVain,
    /// The hunt was switched off.
    SwitchedOff,
}

/// Stays, at most for so many nanoseconds, until somebody is refused at the gate or the hunt is over here. When it began and
/// ended, and why. `is_hunted` is called with a lock held: it must not panic, nor wait for anything.
pub(super) fn linger(gate: &Gate, length: u64, is_hunted: impl Fn() -> bool) -> ((u64, u64), End) {
    let began = Instant::now();
    let deadline = began + Duration::from_nanos(length);
    let stays = || !gate.is_contended() && is_hunted();
    // SeqCst: with the fence in `wake`, either this thread sees what has changed or the other one sees it here.
    SLEEPERS.fetch_add(1, Ordering::SeqCst);
    fence(Ordering::SeqCst);
    while stays() && Instant::now() < deadline {
        DELAYED.park(stays, Some(deadline));
    }
    SLEEPERS.fetch_sub(1, Ordering::Relaxed);
    let ended = Instant::now();
    let end = if gate.is_contended() {
        End::Caught
    } else if ended >= deadline {
        End::InVain
    } else {
        End::SwitchedOff
    };
    ((clock::nanoseconds(began), clock::nanoseconds(ended)), end)
}

/// Wakes those that stay. To be called once the gate is marked where an access was refused, or once the hunt is switched off.
pub(super) fn wake() {
    // SeqCst: see `linger`.
    fence(Ordering::SeqCst);
    if SLEEPERS.load(Ordering::SeqCst) != 0 {
        DELAYED.unpark_all();
    }
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
        let ((began, ended), end) = linger(&Gate::new(), 2_000_000, || true);
        assert_eq!(end, End::InVain);
        assert!(ended - began >= 2_000_000, "{began} to {ended}");
    }

    /// A thread stays inside for an hour, with this access; another one comes with that.
    fn is_woken(stays: Operation, comes: Operation) -> Option<End> {
        let cell: &'static CheckedCell<u32> = Box::leak(Box::new(CheckedCell::new(0)));
        cell.set_mode(Mode::Log);
        let (told, telling) = mpsc::channel();
        let (inside, entering) = mpsc::channel();
        std::thread::spawn(move || {
            let _held = cell.checkpoint().enter(stays);
            inside.send(()).expect("the test waits for it");
            let (_, end) = linger(cell.checkpoint().gate(), HOUR, || true);
            // Where the test has failed, nobody listens any more.
            let _ = told.send(end);
        });
        entering.recv().expect("it gets in");
        let refused = cell.checkpoint().try_enter(comes).is_err();
        telling.recv_timeout(if refused { PATIENCE } else { Duration::from_millis(50) }).ok()
    }

    /// Nothing is hunted by the time the visitor comes.
    #[test]
    fn a_visitor_ends_the_delay_at_once() {
        assert_eq!(is_woken(Operation::Insert, Operation::Insert), Some(End::Caught));
        assert_eq!(is_woken(Operation::Insert, Operation::Get), Some(End::Caught));
        assert_eq!(is_woken(Operation::Get, Operation::Insert), Some(End::Caught));
    }

    #[test]
    fn who_switches_the_hunt_off_ends_the_delay_at_once() {
        for off in [None, Some(false)] {
            let cell: &'static CheckedCell<u32> = Box::leak(Box::new(CheckedCell::new(0)));
            cell.set_hunt(true);
            let (told, telling) = mpsc::channel();
            let (asleep, falling_asleep) = mpsc::channel();
            std::thread::spawn(move || {
                let is_hunted = || {
                    // Said while the lock that waking takes is held: there is no moment between this and the sleep.
                    let _ = asleep.send(());
                    cell.checkpoint().own_hunt() == Some(true)
                };
                let _ = told.send(linger(cell.checkpoint().gate(), HOUR, is_hunted).1);
            });
            // The loop looks first, and then the sleep does.
            for _ in 0..2 {
                falling_asleep.recv().expect("it is about to sleep");
            }
            cell.set_hunt(off);
            assert_eq!(telling.recv_timeout(PATIENCE), Ok(End::SwitchedOff));
        }
    }

    #[test]
    fn who_may_be_inside_too_does_not() {
        assert_eq!(is_woken(Operation::Get, Operation::Get), None);
    }
}
