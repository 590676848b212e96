//! The calling thread's ledger.
//!
//! A thread claims its ledger with its first access and gives it up among its thread-local destructors. An access made by
//! a destructor that runs later gets a ledger of its own, for that one access.

use std::cell::Cell;
use std::sync::Arc;

use crate::access::Access;
use crate::ledger::{Ledger, Open, Registry};

/// Every ledger of the process.
pub(crate) static REGISTRY: Registry = Registry::new();

thread_local! {
    // Needs no destructor, so it can be read at any point of a thread's life.
    static CURRENT: Cell<Option<&'static Ledger>> = const { Cell::new(None) };
    static REAPER: Reaper = const { Reaper };
}

/// Gives the thread's ledger up when the thread ends.
struct Reaper;

impl Drop for Reaper {
    fn drop(&mut self) {
        if let Some(ledger) = CURRENT.take() {
            REGISTRY.release(ledger);
        }
    }
}

/// Publishes an access of the calling thread where that takes no thinking: it has a ledger, and no access open.
#[inline]
pub(crate) fn open_alone(gate: u64, access: Access) -> Option<Open> {
    CURRENT.get()?.open_alone(gate, access)
}

/// Publishes an access of the calling thread.
pub(crate) fn open(gate: u64, access: Access) -> Open {
    match CURRENT.get() {
        Some(ledger) => ledger.open(gate, access),
        None => open_slow(gate, access),
    }
}

#[cold]
fn open_slow(gate: u64, access: Access) -> Open {
    crate::fork::install();
    let ledger = REGISTRY.claim(thread_id(), name());
    if REAPER.try_with(|_| ()).is_ok() {
        CURRENT.set(Some(ledger));
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
