//! What becomes of the process-wide state in the child of a `fork`.
//!
//! The child has one thread. The ledgers of the others are marked as lost, so their accesses hold nothing in the child; the
//! reporter, whose thread did not come along, starts anew. The gates themselves find out when they next refuse somebody:
//! see `Gate::forgive_lost`.

use crate::ledger::current::thread_id;
use crate::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering, yield_now};

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

/// How many pieces of work are under way that a child could not finish.
static HELD_BACK: AtomicU32 = AtomicU32::new(0);

/// The id of the thread that is about to fork, or 0: new such work of other threads has to wait. Written by the fork
/// handlers.
static FORKING: AtomicU64 = AtomicU64::new(0);

/// Keeps other threads of the process from forking until it is dropped.
pub(crate) struct HeldBack(());

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
    // SeqCst, here and in `before`: either this thread sees that a fork is coming, or the forking one sees it at work.
    HELD_BACK.fetch_add(1, Ordering::SeqCst);
    let held_back = HeldBack(());
    let forking = FORKING.load(Ordering::SeqCst);
    // The forking thread itself may be in a fork handler of the program's, and finishes what it begins there.
    (forking == 0 || forking == thread_id()).then_some(held_back)
}

impl Drop for HeldBack {
    fn drop(&mut self) {
        // Release: pairs with the load in `before`; the work is done when the process forks.
        HELD_BACK.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(unix)]
extern "C" fn before() {
    crate::report::before_fork();
    FORKING.store(thread_id(), Ordering::SeqCst);
    while HELD_BACK.load(Ordering::SeqCst) != 0 {
        yield_now();
    }
}

#[cfg(unix)]
extern "C" fn in_parent() {
    FORKING.store(0, Ordering::Relaxed);
    crate::report::after_fork_in_parent();
}

#[cfg(unix)]
extern "C" fn in_child() {
    use crate::ledger::{Tenancy, current};

    let own = current::ledger();
    for ledger in current::REGISTRY.ledgers() {
        if own.is_none_or(|own| !std::ptr::eq(own, ledger)) && ledger.tenancy() != Tenancy::Free {
            ledger.lose();
        }
    }
    if let Some(own) = own {
        own.set_thread_id(current::thread_id());
    }
    FORKED.store(true, Ordering::Relaxed);
    FORKING.store(0, Ordering::Relaxed);
    // What the forking thread began it has finished; another one, which has just seen that it must not begin, is gone.
    HELD_BACK.store(0, Ordering::Relaxed);
    crate::report::after_fork_in_child();
}

#[cfg(all(test, unix))]
#[allow(unsafe_code)]
mod tests {
    use super::*;

    const TEST: &str = "fork::tests::who_began_nothing_does_not_keep_the_child_from_forking";
    const CHILD: &str = "CHECKEDMAP_TEST_CHILD";

    /// What a thread leaves behind in the child that looks, as the fork is made, whether it may begin.
    extern "C" fn leave_behind() {
        HELD_BACK.fetch_add(1, Ordering::SeqCst);
    }

    fn forked(child: impl FnOnce() -> bool) -> bool {
        // SAFETY: the child ends by `_exit`, after code that allocates nothing.
        let pid = unsafe { libc::fork() };
        assert!(pid >= 0, "fork failed");
        if pid == 0 {
            // SAFETY: a child that never comes to an end is ended by it.
            unsafe { libc::alarm(20) };
            let well = child();
            // SAFETY: ends the process at once, which is what is wanted.
            unsafe { libc::_exit(i32::from(!well)) };
        }
        let mut status = 0;
        // SAFETY: waits for the child made above; `status` outlives the call.
        assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
        libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
    }

    #[test]
    fn who_began_nothing_does_not_keep_the_child_from_forking() {
        if std::env::var_os(CHILD).is_none() {
            let mut command = std::process::Command::new(std::env::current_exe().expect("the test has a file"));
            let output = command.args(["--exact", TEST]).env(CHILD, "1").output().expect("the child runs");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success() && text.contains("1 passed"), "{text}");
            return;
        }
        // Before the library's own, so that in the child it comes before them.
        // SAFETY: the handler lives as long as the program.
        unsafe { libc::pthread_atfork(None, None, Some(leave_behind)) };
        install();
        assert!(forked(|| forked(|| true)));
    }
}
