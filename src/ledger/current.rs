//! The calling thread's ledger.
//!
//! A thread claims its ledger with its first access and gives it up among its thread-local destructors. An access made by
//! a destructor that runs later gets a ledger of its own, for that one access.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

use crate::access::Access;
use crate::config;
use crate::ledger::{Ledger, Open, Registry};

/// Every ledger of the process.
pub(crate) static REGISTRY: Registry = Registry::new();

thread_local! {
    // Needs no destructor, so it can be read at any point of a thread's life.
    static CURRENT: Cell<Option<&'static Ledger>> = const { Cell::new(None) };
    // The same, while the thread has no access open in another slot than the first; else `NOBODY`. What the fast path looks
    // at, which has to ask anyhow whether the first slot is vacant.
    static ALONE: Cell<&'static Ledger> = const { Cell::new(&NOBODY) };
    static REAPER: Reaper = const { Reaper };
}

/// Where no access can be published.
static NOBODY: Ledger = Ledger::occupied();

/// Gives the thread's ledger up when the thread ends.
struct Reaper;

impl Drop for Reaper {
    fn drop(&mut self) {
        ALONE.set(&NOBODY);
        if let Some(ledger) = CURRENT.take() {
            REGISTRY.release(ledger);
        }
    }
}

/// Publishes an access of the calling thread where that takes no thinking: it has a ledger, and no access open.
#[inline]
pub(crate) fn open_alone(gate: u64, access: Access) -> Option<(&'static Ledger, Open)> {
    let ledger = ALONE.get();
    Some((ledger, ledger.open_alone(gate, access)?))
}

/// Publishes an access of the calling thread. It is to be ended by [`close`], or [`closed`] be told.
pub(crate) fn open(gate: u64, access: Access) -> Open {
    let Some(ledger) = CURRENT.get() else { return open_slow(gate, access) };
    let open = ledger.open(gate, access);
    if open.is_spilled() {
        ALONE.set(&NOBODY);
    }
    open
}

/// Ends an access of the calling thread.
pub(crate) fn close(open: Open) {
    open.close();
    closed(open);
}

/// Takes note that an access of the calling thread has closed.
#[inline]
pub(crate) fn closed(open: Open) {
    if open.is_spilled() {
        closed_spilled();
    }
}

#[cold]
fn closed_spilled() {
    if let Some(ledger) = CURRENT.get()
        && !ledger.has_spilled()
    {
        ALONE.set(ledger);
    }
}

#[cold]
fn open_slow(gate: u64, access: Access) -> Open {
    crate::fork::install();
    // Before the access is at the door, where it should not be for long: the settings' first use reads files, and may run a
    // subscriber of the program's, which may use a collection itself.
    config::read_once();
    if CURRENT.get().is_some() {
        return open(gate, access);
    }
    let ledger = REGISTRY.claim(thread_id(), name());
    wear_badges(|| std::iter::once(ledger));
    if REAPER.try_with(|_| ()).is_ok() {
        CURRENT.set(Some(ledger));
        ALONE.set(ledger);
        ledger.open(gate, access)
    } else {
        // The thread is past giving ledgers up: this one is given up with the access open, which frees it as it closes.
        let open = ledger.open(gate, access);
        REGISTRY.release(ledger);
        open
    }
}

/// The calling thread's ledger, where it has one.
pub(crate) fn ledger() -> Option<&'static Ledger> {
    CURRENT.get()
}

/// Gives all threads' ledgers their badges, or takes them away, as the settings ask for by now. To be called when they have
/// changed; accesses that begin later than that go by it.
pub(crate) fn follow_settings() {
    wear_badges(|| REGISTRY.ledgers());
}

fn wear_badges<I: Iterator<Item = &'static Ledger>>(ledgers: impl Fn() -> I) {
    loop {
        let one_look = config::one_look_is_enough();
        ledgers().for_each(|ledger| ledger.wear_badge(one_look));
        // SeqCst: of two threads that do this, one of them for a ledger that is new, the later one sees the other's setting,
        // or the other sees its own has changed. Whoever has acted on what does not hold any more does it over.
        fence(Ordering::SeqCst);
        if config::one_look_is_enough() == one_look {
            return;
        }
    }
}

fn name() -> Option<Arc<str>> {
    std::thread::current().name().map(Arc::from)
}

/// The operating system's id of the calling thread.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
pub(crate) fn thread_id() -> u64 {
    // SAFETY: takes nothing and cannot fail.
    let id = unsafe { libc::gettid() };
    u64::from(id.unsigned_abs())
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn thread_id() -> u64 {
    thread_id::get() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Operation;
    use crate::ledger::Phase;

    fn access() -> Access {
        Access::here(Operation::Get)
    }

    #[test]
    fn beside_another_access_nobody_is_alone() {
        assert!(open_alone(7, access()).is_none(), "a thread's first access needs a ledger");
        let (first, second) = (open(7, access()), open(8, access()));
        assert!(!first.is_spilled() && second.is_spilled());
        close(first);
        // The first slot is vacant, and yet.
        assert!(open_alone(7, access()).is_none());
        close(open(7, access()));
        assert!(open_alone(7, access()).is_none());
        close(second);
        let (ledger, open) = open_alone(7, access()).expect("all are closed");
        assert!(open_alone(7, access()).is_none(), "the first slot is taken");
        assert_eq!(ledger.entries().map(|seen| seen.entry.phase).collect::<Vec<_>>(), [Phase::Published]);
        close(open);
    }

    #[test]
    fn a_thread_that_ends_gives_its_ledger_up_with_an_access_open() {
        let number = std::thread::spawn(|| open(7, access()).ledger().number()).join().unwrap();
        let ledger = REGISTRY.find(number).unwrap();
        assert!(ledger.thread_info().has_ended());
    }
}
