//! One open access of one thread, published so that other threads can read it.
//!
//! A slot is written by the thread that makes the access and read by whoever is refused at the same gate. It is a
//! sequence lock without a lock: the [`stamp`](super::stamp) says which access the fields belong to, and a reader that finds
//! the same sequence before and after has read the fields of one access.

use std::panic::Location;
use std::ptr;

use crate::access::{Access, Site};
use crate::ledger::{Ledger, Phase, Stamp};
use crate::sync::{AtomicPtr, AtomicU64, Ordering, const_unless_modelled};

/// See the module's page.
pub(crate) struct Slot {
    /// A [`Stamp`]. Written by the access's thread, by revocations, and in the child of a fork.
    stamp: AtomicU64,
    /// The gate's identity. Written by the owner while the slot is vacant.
    gate: AtomicU64,
    /// Written by the owner while the slot is vacant.
    site: AtomicPtr<Location<'static>>,
    /// The ledger it belongs to. Written once, before the slot is published.
    home: AtomicPtr<Ledger>,
}

/// What a slot showed at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    pub(crate) phase: Phase,
    pub(crate) gate: u64,
    pub(crate) access: Access,
    stamp: Stamp,
}

impl Slot {
    const_unless_modelled! {
        pub(super) fn new() -> Self {
            Self {
                stamp: AtomicU64::new(Stamp::UNUSED),
                gate: AtomicU64::new(0),
                site: AtomicPtr::new(ptr::null_mut()),
                home: AtomicPtr::new(ptr::null_mut()),
            }
        }
    }

    /// A slot that is never vacant.
    #[cfg(not(checkedmap_loom))]
    pub(super) const fn occupied() -> Self {
        Self { stamp: AtomicU64::new(Stamp::OCCUPIED), ..Self::new() }
    }

    pub(super) fn set_home(&self, ledger: &'static Ledger) {
        // Relaxed: published with the slot.
        self.home.store(ptr::from_ref(ledger).cast_mut(), Ordering::Relaxed);
    }

    /// The ledger it belongs to.
    #[inline]
    pub(super) fn home(&self) -> &'static Ledger {
        // Relaxed: written before anybody could get at the slot.
        let home = self.home.load(Ordering::Relaxed);
        // SAFETY: ledgers live forever, and no slot is published without a home.
        unsafe { &*home }
    }

    /// The stamp, for the slot's own thread.
    #[inline]
    pub(super) fn own_stamp(&self) -> Stamp {
        // Relaxed: what the thread stored itself. Where another thread had the ledger before, the claim orders it.
        Stamp::from_bits(self.stamp.load(Ordering::Relaxed))
    }

    /// The gate's number in it, for the slot's own thread.
    pub(super) fn own_gate(&self) -> u64 {
        // Relaxed: what the thread stored itself.
        self.gate.load(Ordering::Relaxed)
    }

    pub(super) fn is_vacant(&self) -> bool {
        // Acquire: pairs with the Release in `set`: who finds the slot vacant has what its last access did behind it.
        Stamp::from_bits(self.stamp.load(Ordering::Acquire)).is_vacant()
    }

    /// Publishes an access that asks to come in. Only the ledger's thread calls this, on a vacant slot.
    #[inline]
    pub(super) fn open(&self, stamp: Stamp, gate: u64, site: Site) {
        // Release on each field: pairs with the Acquire loads in `read`. A reader that meets a field of this access has
        // also met the end of the slot's last access, so its second look at the stamp differs from its first.
        self.gate.store(gate, Ordering::Release);
        self.site.store(ptr::from_ref(site.location()).cast_mut(), Ordering::Release);
        self.set(stamp);
    }

    /// Shows the access as far as this stamp says it has got.
    #[inline]
    pub(super) fn set(&self, stamp: Stamp) {
        // Release: pairs with the Acquire in `read`, `phase_of` and `is_vacant`. Who sees the phase sees the fields, and
        // whatever the access did, to the gate's word and inside it, before.
        self.stamp.store(stamp.bits(), Ordering::Release);
    }

    /// What the slot shows, unless it is vacant or changes hands under the reader's eyes.
    pub(crate) fn read(&self) -> Option<Entry> {
        // Acquire: pairs with the Release in `set`.
        let stamp = Stamp::from_bits(self.stamp.load(Ordering::Acquire));
        if stamp.is_vacant() {
            return None;
        }
        // Acquire: pair with the Release stores in `open`.
        let gate = self.gate.load(Ordering::Acquire);
        let site = self.site.load(Ordering::Acquire);
        // Acquire: the loads above come first, and what they read from orders this one. Where it shows that the access has
        // ended, it pairs with the Release in `set`: what the access did comes before what follows.
        let again = Stamp::from_bits(self.stamp.load(Ordering::Acquire));
        if again.sequence() != stamp.sequence() || again.is_vacant() {
            return None;
        }
        // SAFETY: the pointer comes from a `&'static Location` stored by `open`, and no access has been published in
        // this slot before the first `open`.
        let site = Site::new(unsafe { site.as_ref()? });
        let access = Access::new(stamp.operation()?, site);
        Some(Entry { sequence: stamp.sequence(), phase: stamp.phase(), gate, access, stamp })
    }

    /// The phase of the access `sequence`, or `Vacant` where it has ended.
    pub(crate) fn phase_of(&self, sequence: u64) -> Phase {
        // Acquire: pairs with the Release in `set`.
        let stamp = Stamp::from_bits(self.stamp.load(Ordering::Acquire));
        if stamp.sequence() == sequence { stamp.phase() } else { Phase::Vacant }
    }

    /// Shows another thread's access as counted, if it still is as it was seen. Whether this call did it.
    ///
    /// The thread itself stores its phases without looking, so it may overwrite this at once.
    pub(crate) fn show_counted(&self, seen: &Entry) -> bool {
        self.exchange(seen, seen.stamp.with_phase(Phase::Counted))
    }

    /// Ends an access whose thread does not exist in this process, if it still is as it was seen. Whether this call did it.
    pub(crate) fn vacate_lost(&self, seen: &Entry) -> bool {
        self.exchange(seen, seen.stamp.vacated())
    }

    fn exchange(&self, seen: &Entry, to: Stamp) -> bool {
        let (from, to) = (seen.stamp.bits(), to.bits());
        // AcqRel: Release as in `set`, Acquire pairs with the Release there. Acquire on failure too: that the access is
        // not in the first phase any more may mean that it has ended, and what it did comes before what follows.
        self.stamp.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}
