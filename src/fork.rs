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
use crate::sync::{AtomicBool, AtomicU32, Ordering, stand_by};

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
    let mut turns = 0;
    loop {
        if let Some(held_back) = try_hold_back() {
            return held_back;
        }
        stand_by(&mut turns);
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
    FORKING.load(Ordering::SeqCst) && !is_forking()
}

/// Whether the calling thread is in the handlers of a fork of its own.
pub(crate) fn is_forking() -> bool {
    OWN_FORKS.get() > 0
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
    let mut turns = 0;
    while HELD_BACK.load(Ordering::SeqCst) != OWN_WORK.get() {
        stand_by(&mut turns);
    }
}

#[cfg(unix)]
extern "C" fn in_parent() {
    // 0 in the child of a fork that a handler made before this one, and has returned from: a child begins with nothing held off.
    let forks = OWN_FORKS.get();
    OWN_FORKS.set(forks.saturating_sub(1));
    if forks != 1 {
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
    // Of all forks, where one was made in the handlers of another: the threads that this child starts are not to wait until it
    // has returned from there, if it ever does.
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
mod tests;
