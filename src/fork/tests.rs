//! What the handlers do beside handlers of the program's own, and threads that are in the middle of something.

use std::time::{Duration, Instant};

use super::*;
use crate::sync::yield_now;
use crate::test_process::{ended_well, fork, is_child, run};
use crate::{CheckedCell, Mode};

const PATIENCE: Duration = Duration::from_secs(30);

fn wait_for(flag: &AtomicBool) {
    let deadline = Instant::now() + PATIENCE;
    while !flag.load(Ordering::SeqCst) && Instant::now() < deadline {
        yield_now();
    }
    assert!(flag.load(Ordering::SeqCst), "it comes about");
}

/// The thread that comes too late has counted its work, and has not looked again.
static BETWEEN: AtomicBool = AtomicBool::new(false);
/// The parent has forked.
static FORKED_BY_NOW: AtomicBool = AtomicBool::new(false);

/// Called after the library's own handler, which was registered later.
extern "C" fn waits_until_it_is_between() {
    wait_for(&BETWEEN);
}

#[test]
fn a_child_forks_though_a_thread_was_about_to_take_its_work_back() {
    const NAME: &str = "fork::tests::a_child_forks_though_a_thread_was_about_to_take_its_work_back";
    if !is_child(NAME) {
        return run(NAME);
    }
    register(Some(waits_until_it_is_between), None);
    drop(CheckedCell::new(0).write());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            wait_for(&FORKING);
            let work = HeldBack::begin();
            BETWEEN.store(true, Ordering::SeqCst);
            wait_for(&FORKED_BY_NOW);
            drop(work);
        });
        let child = fork(|| ended_well(fork(|| hold_back_count() == 0)));
        FORKED_BY_NOW.store(true, Ordering::SeqCst);
        assert!(ended_well(child));
    });
}

static CELL: CheckedCell<u32> = CheckedCell::new(0);
static IS_LENT: AtomicBool = AtomicBool::new(false);
static IS_TO_END: AtomicBool = AtomicBool::new(false);

extern "C" fn starts_a_writer() {
    std::thread::spawn(|| {
        let lent = CELL.write();
        IS_LENT.store(true, Ordering::SeqCst);
        wait_for(&IS_TO_END);
        drop(lent);
    });
    wait_for(&IS_LENT);
}

#[test]
fn a_thread_that_an_earlier_handler_has_started_in_the_child_is_not_lost() {
    const NAME: &str = "fork::tests::a_thread_that_an_earlier_handler_has_started_in_the_child_is_not_lost";
    if !is_child(NAME) {
        return run(NAME);
    }
    register(None, Some(starts_a_writer));
    // The writer takes over the ledger that this thread, of the parent, gives up.
    std::thread::spawn(|| drop(CELL.write())).join().expect("it writes");
    let child = fork(|| {
        let is_held = CELL.try_read().is_err();
        IS_TO_END.store(true, Ordering::SeqCst);
        let deadline = Instant::now() + PATIENCE;
        while CELL.try_read().is_err() && Instant::now() < deadline {
            yield_now();
        }
        is_held && CELL.try_write().is_ok()
    });
    assert!(ended_well(child));
}

thread_local! {
    static LAST: ForksAsItEnds = const { ForksAsItEnds };
}

struct ForksAsItEnds;

impl Drop for ForksAsItEnds {
    fn drop(&mut self) {
        assert!(current::ledger().is_none(), "it is given up already");
        let lent = CELL.write();
        let child = fork(|| {
            let is_held = CELL.try_read().is_err();
            drop(lent);
            is_held && CELL.try_write().is_ok()
        });
        IS_TO_END.store(ended_well(child), Ordering::SeqCst);
    }
}

#[test]
fn what_a_thread_holds_that_forks_past_its_last_ledger_is_not_lost() {
    const NAME: &str = "fork::tests::what_a_thread_holds_that_forks_past_its_last_ledger_is_not_lost";
    if !is_child(NAME) {
        return run(NAME);
    }
    let ends = std::thread::spawn(|| {
        // Before the thread has a ledger: destructors run in the opposite order.
        LAST.with(|_| ());
        drop(CELL.write());
    });
    ends.join().expect("it ends");
    assert!(IS_TO_END.load(Ordering::SeqCst), "the child has found it held");
}

fn hold_back_count() -> u32 {
    HELD_BACK.load(Ordering::SeqCst)
}

#[test]
fn work_of_the_forking_thread_goes_on_in_the_child() {
    const NAME: &str = "fork::tests::work_of_the_forking_thread_goes_on_in_the_child";
    if !is_child(NAME) {
        return run(NAME);
    }
    drop(CheckedCell::new(0).write());
    let work = hold_back();
    let child = fork(|| {
        let began_with = hold_back_count();
        drop(work);
        (began_with, hold_back_count()) == (1, 0) && ended_well(fork(|| true))
    });
    assert!(ended_well(child));
}

/// Has the handlers registered, before the library's own: theirs are called within the library's as the process forks.
#[allow(unsafe_code)]
fn register(before: Option<unsafe extern "C" fn()>, in_child: Option<unsafe extern "C" fn()>) {
    // SAFETY: functions live as long as the program.
    assert_eq!(unsafe { libc::pthread_atfork(before, None, in_child) }, 0);
}

static IS_ARMED: AtomicBool = AtomicBool::new(false);
static IS_UNDER_WAY: AtomicBool = AtomicBool::new(false);
static IS_THROUGH: AtomicBool = AtomicBool::new(false);

/// Gives a thread the chance to get through, which it should not take.
extern "C" fn leaves_time() {
    if IS_ARMED.load(Ordering::SeqCst) {
        IS_UNDER_WAY.store(true, Ordering::SeqCst);
        let deadline = Instant::now() + Duration::from_millis(100);
        while !IS_THROUGH.load(Ordering::SeqCst) && Instant::now() < deadline {
            yield_now();
        }
        IS_UNDER_WAY.store(false, Ordering::SeqCst);
    }
}

#[test]
fn a_child_does_not_fork_while_it_forgives() {
    const NAME: &str = "fork::tests::a_child_does_not_fork_while_it_forgives";
    if !is_child(NAME) {
        return run(NAME);
    }
    register(Some(leaves_time), None);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let lent = CELL.read();
            IS_LENT.store(true, Ordering::SeqCst);
            wait_for(&IS_TO_END);
            drop(lent);
        });
        wait_for(&IS_LENT);
        let child = fork(|| {
            IS_ARMED.store(true, Ordering::SeqCst);
            std::thread::scope(|scope| {
                let forgives = scope.spawn(|| {
                    wait_for(&IS_UNDER_WAY);
                    let has_entered = CELL.try_write().is_ok();
                    let has_waited = !IS_UNDER_WAY.load(Ordering::SeqCst);
                    IS_THROUGH.store(true, Ordering::SeqCst);
                    has_entered && has_waited
                });
                let grandchild = fork(|| CELL.try_write().is_ok());
                ended_well(grandchild) && forgives.join().expect("it does not panic")
            })
        });
        IS_TO_END.store(true, Ordering::SeqCst);
        assert!(ended_well(child));
    });
}

/// As handlers of the program's do that log, or lock a map of theirs.
extern "C" fn is_refused() {
    if IS_ARMED.swap(false, Ordering::SeqCst) {
        let refused = std::panic::catch_unwind(|| drop(CELL.write())).is_err();
        IS_THROUGH.store(refused, Ordering::SeqCst);
    }
}

#[test]
fn a_handler_that_is_refused_reports_it() {
    const NAME: &str = "fork::tests::a_handler_that_is_refused_reports_it";
    if !is_child(NAME) {
        return run(NAME);
    }
    register(Some(is_refused), None);
    CELL.set_mode(Mode::Panic);
    drop(CELL.write());
    // In a child, which does not live for ever.
    assert!(ended_well(fork(|| {
        let lent = CELL.write();
        IS_ARMED.store(true, Ordering::SeqCst);
        let grandchild = fork(|| true);
        drop(lent);
        ended_well(grandchild) && IS_THROUGH.load(Ordering::SeqCst)
    })));
}

thread_local! {
    /// Whether this process is one that a handler has made.
    static IS_OF_HANDLER: Cell<bool> = const { Cell::new(false) };
    static MADE_BY_HANDLER: Cell<libc::pid_t> = const { Cell::new(0) };
}

#[allow(unsafe_code)]
extern "C" fn forks() {
    if IS_ARMED.swap(false, Ordering::SeqCst) {
        // SAFETY: the child goes on as this thread does, which uses what is usable in children.
        let child = unsafe { libc::fork() };
        IS_OF_HANDLER.set(child == 0);
        MADE_BY_HANDLER.set(child);
    }
}

/// Whether nothing is held off here, and a thread that would be is none the wiser.
fn is_at_rest() -> bool {
    let own = OWN_FORKS.get() == 0 && OWN_WORK.get() == 0 && !FORKING.load(Ordering::SeqCst);
    own && std::thread::spawn(|| drop(hold_back())).join().is_ok()
}

/// The child of a handler's fork returns into the fork around it, and makes that too.
#[test]
#[allow(unsafe_code)]
fn a_handler_may_fork() {
    const NAME: &str = "fork::tests::a_handler_may_fork";
    if !is_child(NAME) {
        return run(NAME);
    }
    register(Some(forks), None);
    drop(CELL.write());
    assert!(ended_well(fork(|| {
        IS_ARMED.store(true, Ordering::SeqCst);
        let lent = CELL.write();
        let child = fork(|| CELL.try_write().is_err() && is_at_rest());
        let well = ended_well(child) && CELL.try_write().is_err() && is_at_rest();
        drop(lent);
        if IS_OF_HANDLER.get() {
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(i32::from(!well)) };
        }
        well && ended_well(MADE_BY_HANDLER.get())
    })));
}

#[test]
fn nobody_locks_the_forking_threads_ledger_as_it_forks() {
    const NAME: &str = "fork::tests::nobody_locks_the_forking_threads_ledger_as_it_forks";
    if !is_child(NAME) {
        return run(NAME);
    }
    register(Some(leaves_time), None);
    drop(CELL.write());
    let (ledger, sequence) = (current::ledger().expect("it has made an access"), 7);
    let asks = move || {
        ledger.ask(std::sync::Arc::new(crate::conflict::inquiry::Inquiry::new(sequence)));
        (ledger.is_asked(sequence), ledger.thread_info().name().is_some())
    };
    IS_ARMED.store(true, Ordering::SeqCst);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            wait_for(&IS_UNDER_WAY);
            let asked = asks();
            let has_waited = !IS_UNDER_WAY.load(Ordering::SeqCst);
            IS_THROUGH.store(true, Ordering::SeqCst);
            (asked, has_waited)
        });
        assert!(ended_well(fork(|| true)));
        assert_eq!(other.join().expect("it does not panic"), ((false, false), false));
    });
    assert_eq!(asks(), (true, true), "the twin: no fork is coming");
}
