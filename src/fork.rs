//! What becomes of the process-wide state in the child of a `fork`.
//!
//! The child has one thread. The ledgers of the others are marked as lost, so their accesses hold nothing in the child; the
//! reporter, whose thread did not come along, starts anew. The gates themselves find out when they next refuse somebody:
//! see `Gate::forgive_lost`.

use crate::sync::{AtomicBool, Ordering};

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

#[cfg(unix)]
extern "C" fn before() {
    crate::report::before_fork();
}

#[cfg(unix)]
extern "C" fn in_parent() {
    crate::report::after_fork_in_parent();
}

#[cfg(unix)]
extern "C" fn in_child() {
    use crate::ledger::current;

    let own = current::ledger();
    for ledger in current::REGISTRY.ledgers() {
        if own.is_none_or(|own| !std::ptr::eq(own, ledger)) {
            ledger.lose();
        }
    }
    if let Some(own) = own {
        own.set_thread_id(current::thread_id());
    }
    FORKED.store(true, Ordering::Relaxed);
    crate::report::after_fork_in_child();
}
