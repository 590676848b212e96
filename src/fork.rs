//! What becomes of the process-wide state in the child of a `fork`.
//!
//! The child has one thread, and those that fork handlers of the program's have started before the library's own runs. The
//! ledgers of the parent's other threads are marked as lost, so their accesses hold nothing in the child; the reporter, whose
//! thread did not come along, starts anew. The gates themselves find out when they next refuse somebody:
//! see `Gate::forgive_lost`.

use std::cell::Cell;
use std::marker::PhantomData;

#[cfg(unix)]
use crate::ledger::current;
use crate::sync::{AtomicBool, AtomicU32, Ordering, yield_now};

/// Whether this process is the child of one that used checked collections. Written by the fork handler.
static FORKED: AtomicBool = AtomicBool::new(false);

/// Whether some ledger may be lost.
pub(crate) fn has_forked() -> bool {
    // Relaxed: the handler runs before the child's only thread goes on, and threads it starts are ordered after it.
    FORKED.load(Ordering::Relaxed)
}

/// Makes the child of a later `fork` aware of being one. Does so once.
#[cfg(unix)]
#[allow(unsafe_code)]
pub(crate) fn install() {
    static INSTALLED: std::sync::Once = std::sync::Once::new();
    INSTALLED.call_once(|| {
        // SAFETY: the handlers are plain functions that live as long as the program; the child's only stores to atomics.
        // A failure, for lack of memory, leaves the child as unaware as it would be without the call.
        unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
    });
}

#[cfg(not(unix))]
pub(crate) fn install() {}

/// How many pieces of work are under way that a child could not finish. Written by those who do them; in a child, which has
/// inherited the count of threads that are not there, by the fork handler.
static HELD_BACK: AtomicU32 = AtomicU32::new(0);

/// Whether some thread is about to fork: new such work of others has to wait. Written by the fork handlers.
static FORKING: AtomicBool = AtomicBool::new(false);

thread_local! {
    // Neither needs a destructor, so a fork handler can read them at any point of a thread's life.
    /// The calling thread's share of `HELD_BACK`.
    static OWN_WORK: Cell<u32> = const { Cell::new(0) };
    /// How many forks the calling thread is in the handlers of: more than one where such a handler forks.
    static OWN_FORKS: Cell<u32> = const { Cell::new(0) };
    /// The id under which the calling thread, which forks, has taken its ledgers: another than it has in the child.
    static ID_BEFORE: Cell<u64> = const { Cell::new(0) };
}

/// Keeps other threads of the process from forking until it is dropped, by the thread that made it.
pub(crate) struct HeldBack(PhantomData<*const ()>);

/// Begins a piece of work, of microseconds, that the child of a fork could not finish.
pub(crate) fn hold_back() -> HeldBack {
    loop {
        if let Some(held_back) = try_hold_back() {
            return held_back;
        }
        yield_now();
    }
}

/// As [`hold_back`], but does not wait for a fork that is coming. For work that can be left out, by threads that may hold what
/// a fork handler of the program's waits for.
pub(crate) fn try_hold_back() -> Option<HeldBack> {
    // A look before the count is touched: threads that ask again and again must not keep the forking one from finding it at
    // rest. And a second one after.
    if is_fork_of_another_coming() {
        return None;
    }
    let held_back = HeldBack::begin();
    (!is_fork_of_another_coming()).then_some(held_back)
}

/// The forking thread itself may be in a fork handler of the program's, and finishes what it begins there.
fn is_fork_of_another_coming() -> bool {
    FORKING.load(Ordering::SeqCst) && OWN_FORKS.get() == 0
}

impl HeldBack {
    fn begin() -> Self {
        OWN_WORK.set(OWN_WORK.get() + 1);
        // SeqCst, here, in `before` and at the look that follows: either this thread sees that a fork is coming, or the forking
        // one sees it at work.
        HELD_BACK.fetch_add(1, Ordering::SeqCst);
        Self(PhantomData)
    }
}

impl Drop for HeldBack {
    fn drop(&mut self) {
        OWN_WORK.set(OWN_WORK.get() - 1);
        // Release: pairs with the load in `before`; the work is done when the process forks.
        HELD_BACK.fetch_sub(1, Ordering::Release);
    }
}

/// Waits until no other thread does what the child could not finish. Work of this thread's own goes on in the child.
#[cfg(unix)]
extern "C" fn before() {
    let nested = OWN_FORKS.replace(OWN_FORKS.get() + 1) > 0;
    if nested {
        // The fork around this one has waited, and holds the others off.
        return;
    }
    ID_BEFORE.set(current::thread_id());
    // One thread at a time gets past this, until its fork is made: so there is one that forks, and `FORKING` is its alone.
    crate::report::before_fork();
    FORKING.store(true, Ordering::SeqCst);
    while HELD_BACK.load(Ordering::SeqCst) != OWN_WORK.get() {
        yield_now();
    }
}

#[cfg(unix)]
extern "C" fn in_parent() {
    let nested = OWN_FORKS.replace(OWN_FORKS.get() - 1) > 1;
    if nested {
        return;
    }
    FORKING.store(false, Ordering::Relaxed);
    crate::report::after_fork_in_parent();
}

#[cfg(unix)]
extern "C" fn in_child() {
    let thread = current::thread_id();
    // Where a handler before this one has forked, this child may return into the outer fork, and come here again.
    let before = ID_BEFORE.replace(thread);
    for ledger in current::REGISTRY.ledgers() {
        ledger.cross_fork(std::process::id(), before, thread);
    }
    FORKED.store(true, Ordering::Relaxed);
    OWN_FORKS.set(0);
    // A thread of the parent that has begun its work and not yet seen that a fork is coming would take it back, and is not
    // here. Nobody but this thread has begun any, since `FORKING` holds off whatever threads an earlier handler has started.
    HELD_BACK.store(OWN_WORK.get(), Ordering::SeqCst);
    FORKING.store(false, Ordering::SeqCst);
    crate::helper::after_fork_in_child();
    crate::hunt::after_fork_in_child();
    crate::report::after_fork_in_child();
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::CheckedCell;
    use crate::test_process::{ended_well, fork, is_child, run};

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
        // SAFETY: the handler lives as long as the program.
        #[allow(unsafe_code)]
        unsafe {
            libc::pthread_atfork(Some(waits_until_it_is_between), None, None)
        };
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
        // SAFETY: the handler lives as long as the program.
        #[allow(unsafe_code)]
        unsafe {
            libc::pthread_atfork(None, None, Some(starts_a_writer))
        };
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
}
