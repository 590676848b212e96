//! Staying inside for a moment longer.
//!
//! The access has been admitted and has not begun, so whoever comes meanwhile is refused at the gate and finds it in its
//! ledger, as any holder. A refusal leaves its question there and marks the gate as contended before it is told to anyone: the
//! mark ends the delay, and the conflict goes its ordinary way. Who has been refused before, by another, and comes to wait for
//! this one marks the gate as well, so that it does not wait for the delay; it asks nothing.

use std::time::{Duration, Instant};

use crate::clock;
use crate::gate::Gate;
use crate::ledger::Open;

/// What ended a delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Somebody walked in.
    Caught,
    /// Somebody waited who had been refused before.
    GaveWay,
    /// Nobody came.
    InVain,
    /// The hunt was switched off.
    SwitchedOff,
}

/// Stays, at most for so many nanoseconds, until somebody is refused at the gate or waits there, or the hunt is over here. When
/// it began and ended, and why. `is_hunted` must not panic, nor wait for anything.
pub(super) fn linger(gate: &Gate, open: Open, length: u64, is_hunted: impl Fn() -> bool) -> ((u64, u64), End) {
    let began = Instant::now();
    let deadline = began + Duration::from_nanos(length);
    let held_off = open.hold_off();
    gate.linger(deadline, is_hunted);
    drop(held_off);
    let ended = Instant::now();
    let end = match gate.is_contended() {
        true if open.ledger().is_asked(open.sequence()) => End::Caught,
        true => End::GaveWay,
        false if ended >= deadline => End::InVain,
        false => End::SwitchedOff,
    };
    ((clock::nanoseconds(began), clock::nanoseconds(ended)), end)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::access::{Access, AccessKind};
    use crate::gate::{Manner, Wait};
    use crate::ledger::Phase;
    use crate::ledger::current::{self, REGISTRY};
    use crate::test_process::{is_child, run};
    use crate::{CheckedCell, Mode, Operation};

    const PATIENCE: Duration = Duration::from_secs(30);
    const HOUR: u64 = 3_600_000_000_000;

    #[test]
    fn a_delay_without_a_visitor_lasts_as_long_as_it_should() {
        let cell = CheckedCell::new(0);
        let held = cell.checkpoint().enter(Operation::Insert);
        let ((began, ended), end) = linger(cell.checkpoint().gate(), held.open(), 2_000_000, || true);
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
            let held = cell.checkpoint().enter(stays);
            inside.send(()).expect("the test waits for it");
            let (_, end) = linger(cell.checkpoint().gate(), held.open(), HOUR, || true);
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
                let held = cell.checkpoint().enter(Operation::Insert);
                let is_hunted = || {
                    // A wake-up between this and the sleep is not missed.
                    let _ = asleep.send(());
                    cell.checkpoint().own_hunt() == Some(true)
                };
                let _ = told.send(linger(cell.checkpoint().gate(), held.open(), HOUR, is_hunted).1);
            });
            // The loop looks first, and then the sleep does.
            for _ in 0..2 {
                falling_asleep.recv().expect("it is about to sleep");
            }
            cell.set_hunt(off);
            assert_eq!(telling.recv_timeout(PATIENCE), Ok(End::SwitchedOff));
        }
    }

    /// The wake-up must not let it leave before it was met: what it was held inside for would be lost. That took one time in
    /// ten on two processors.
    #[test]
    fn a_visitor_meets_who_lingers_though_it_leaves_at_once() {
        const NAME: &str = "hunt::delay::tests::a_visitor_meets_who_lingers_though_it_leaves_at_once";
        // Other tests wake whoever lingers, at any moment.
        if !is_child(NAME) {
            return run(NAME);
        }
        for _ in 0..200 {
            let cell: &'static CheckedCell<u32> = Box::leak(Box::new(CheckedCell::new(0)));
            cell.set_mode(Mode::Log);
            let (asleep, falling_asleep) = mpsc::channel();
            let lingers = std::thread::spawn(move || {
                let held = cell.checkpoint().enter(Operation::Insert);
                let is_hunted = || {
                    let _ = asleep.send(());
                    true
                };
                linger(cell.checkpoint().gate(), held.open(), HOUR, is_hunted)
            });
            for _ in 0..2 {
                falling_asleep.recv().expect("it is about to sleep");
            }
            // For the kernel to have it asleep, so that it runs first when it is woken.
            std::thread::sleep(Duration::from_micros(300));
            let comes = cell.checkpoint().try_enter(Operation::Insert);
            assert!(comes.is_err(), "it is still inside");
            lingers.join().expect("it has left");
        }
    }

    #[test]
    fn who_may_be_inside_too_does_not() {
        assert_eq!(is_woken(Operation::Get, Operation::Get), None);
    }

    /// One that was refused by another, and waits, when the delay has begun: it leaves no question here.
    fn waits_for_another(is_degraded: bool) {
        let cell: &'static CheckedCell<u32> = Box::leak(Box::new(CheckedCell::new(0)));
        cell.set_mode(Mode::Log);
        let checkpoint = cell.checkpoint();
        let (told, telling) = mpsc::channel();
        let (asleep, falling_asleep) = mpsc::channel();
        std::thread::spawn(move || {
            let held = checkpoint.enter(Operation::Insert);
            let is_hunted = || {
                let _ = asleep.send(());
                true
            };
            let _ = told.send(linger(checkpoint.gate(), held.open(), HOUR, is_hunted).1);
        });
        for _ in 0..2 {
            falling_asleep.recv().expect("it is about to sleep");
        }
        if is_degraded {
            // Nobody was refused: the gate is not marked.
            assert!(checkpoint.gate().degrade(&REGISTRY));
        }
        let waiting = current::open(checkpoint.gate().identity(), Access::here(Operation::Insert));
        checkpoint.gate().retract(waiting, Phase::Waiting, || unreachable!("it has not been counted"));
        let deadline = Instant::now() + PATIENCE;
        let answer = || unreachable!("nobody asks it");
        while checkpoint.gate().wait(&REGISTRY, waiting, AccessKind::Write, Manner::Prompt, deadline, answer)
            == Wait::Revoked
        {}
        assert_eq!(telling.recv_timeout(PATIENCE), Ok(End::GaveWay));
    }

    // In processes of their own, since all who linger are woken together: another test could do it.
    #[test]
    fn who_waits_for_another_ends_the_delay_and_is_no_catch() {
        const NAME: &str = "hunt::delay::tests::who_waits_for_another_ends_the_delay_and_is_no_catch";
        if is_child(NAME) { waits_for_another(false) } else { run(NAME) }
    }

    #[test]
    fn who_waits_at_the_lock_of_a_degraded_gate_ends_the_delay_too() {
        const NAME: &str = "hunt::delay::tests::who_waits_at_the_lock_of_a_degraded_gate_ends_the_delay_too";
        if is_child(NAME) { waits_for_another(true) } else { run(NAME) }
    }
}
