//! Every ledger there is.
//!
//! A list that only grows, by as many ledgers as there were threads at once that used a checked collection. Looking
//! through it takes a load or two per ledger and happens only when an access is refused or a thread begins.

use std::ptr;
use std::sync::Arc;

use crate::ledger::Ledger;
use crate::sync::{AtomicPtr, AtomicU32, Ordering, const_unless_modelled};

/// See the module's page.
pub(crate) struct Registry {
    /// The newest ledger. Written by the thread that adds one.
    head: AtomicPtr<Ledger>,
    /// How many ledgers were added. Written by the thread that adds one.
    count: AtomicU32,
    /// How many ledgers were given up and not taken again: where it is 0 a new thread need not look. A hint.
    vacated: AtomicU32,
}

impl Registry {
    const_unless_modelled! {
        pub(crate) fn new() -> Self {
            Self { head: AtomicPtr::new(ptr::null_mut()), count: AtomicU32::new(0), vacated: AtomicU32::new(0) }
        }
    }

    /// A ledger for a new thread: one that was given up, or a fresh one.
    pub(crate) fn claim(&self, id: u64, name: Option<Arc<str>>) -> &'static Ledger {
        let ledger = self.reclaim().unwrap_or_else(|| self.add());
        ledger.move_in(id, name);
        ledger
    }

    fn reclaim(&self) -> Option<&'static Ledger> {
        // Relaxed: a hint.
        if self.vacated.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let ledger = self.ledgers().find(|ledger| ledger.take())?;
        self.vacated.fetch_sub(1, Ordering::Relaxed);
        Some(ledger)
    }

    #[cold]
    fn add(&self) -> &'static Ledger {
        let ledger = Ledger::leak();
        // Relaxed: the number only has to be unique, and is published with the ledger.
        let number =
            self.count.fetch_add(1, Ordering::Relaxed).checked_add(1).expect("fewer than 2^32 threads at once");
        ledger.number.store(number, Ordering::Relaxed);
        ledger.wear_badge(true);
        let new = ptr::from_ref(ledger).cast_mut();
        // Relaxed: the exchange below orders it.
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            ledger.next.store(head, Ordering::Relaxed);
            // Release: pairs with the Acquire loads in `ledgers`; who meets the ledger meets it initialised.
            match self.head.compare_exchange_weak(head, new, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return ledger,
                Err(newer) => head = newer,
            }
        }
    }

    /// Gives up a ledger that [`Registry::claim`] returned.
    pub(crate) fn release(&self, ledger: &'static Ledger) {
        ledger.end();
        // Relaxed: a hint.
        self.vacated.fetch_add(1, Ordering::Relaxed);
    }

    /// All ledgers, newest first.
    pub(crate) fn ledgers(&self) -> impl Iterator<Item = &'static Ledger> {
        // Acquire: pairs with the Release in `add`.
        let mut at = self.head.load(Ordering::Acquire);
        std::iter::from_fn(move || {
            // SAFETY: null, or a leaked ledger that `add` published.
            let ledger: &'static Ledger = unsafe { at.as_ref() }?;
            // Acquire: pairs with the Release with which the older ledger was published.
            at = ledger.next.load(Ordering::Acquire);
            Some(ledger)
        })
    }

    /// The ledger with this number.
    pub(crate) fn find(&self, number: u32) -> Option<&'static Ledger> {
        self.ledgers().find(|ledger| ledger.number() == number)
    }

    /// How many ledgers exist: the most threads that ever used checked collections at the same time.
    #[cfg(all(test, not(checkedmap_loom)))]
    pub(crate) fn len(&self) -> usize {
        self.ledgers().count()
    }
}

#[cfg(all(test, not(checkedmap_loom)))]
mod tests {
    use super::*;
    use crate::access::{Access, Operation};

    #[test]
    fn ledgers_are_used_again() {
        let registry = Registry::new();
        for _ in 0..10_000 {
            let ledger = registry.claim(1, None);
            let open = ledger.open(1, Access::here(Operation::Get));
            open.close();
            registry.release(ledger);
        }
        assert_eq!(registry.len(), 1);
    }

    #[test]
    fn a_ledger_with_an_open_access_is_used_again_when_that_has_closed() {
        let registry = Registry::new();
        let ledger = registry.claim(1, Some("first".into()));
        let open = ledger.open(1, Access::here(Operation::Get));
        registry.release(ledger);
        assert!(ledger.thread_info().has_ended());
        let other = registry.claim(2, None);
        assert!(!std::ptr::eq(ledger, other));
        open.close();
        let again = registry.claim(3, Some("third".into()));
        assert!(std::ptr::eq(ledger, again));
        assert_eq!(again.thread_info().name(), Some("third"));
        assert!(!again.is_of_current_owner(open.sequence()));
    }
}
