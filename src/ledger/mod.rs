//! What each thread is doing right now, published so that others can read it.
//!
//! Every thread has one [`Ledger`], reached through a thread-local by itself and through the [`registry`] by others. Each
//! access the thread is inside, or is waiting to make, has a [`Slot`] there with its kind and site, so a contender can name
//! the other side at once. Ledgers live forever and are used again; their slots are `'static`, so a permit may outlive the
//! thread that got it.
//!
//! The ledger does not decide anything. It knows gates by number, and nothing of maps.

use std::sync::Arc;
use std::time::Duration;

use crate::access::{Access, Site};
use crate::conflict::inquiry::Inquiry;
use crate::conflict::trace::RawTrace;
use crate::sync::{AtomicPtr, AtomicU32, AtomicU64, Mutex, Ordering, const_unless_modelled};

mod chunk;
mod counted;
#[cfg(not(checkedmap_loom))]
pub(crate) mod current;
mod evidence;
mod held_off;
mod open;
pub(crate) mod registry;
mod sighting;
pub(crate) mod slot;
pub(crate) mod stamp;
mod tenancy;

use chunk::Chunk;
use counted::Counted;
pub(crate) use open::Open;
pub(crate) use registry::Registry;
pub(crate) use sighting::Sighting;
pub(crate) use slot::{Entry, Slot};
pub(crate) use stamp::{Phase, Stamp};
use tenancy::Lease;
pub(crate) use tenancy::Tenancy;

/// The badge of a ledger whose accesses must not be let in at one look: no gate's word.
const NO_BADGE: u64 = u64::MAX;

/// How long a thread tries for a lock that another holds for nanoseconds. After a `fork` its holder may not exist.
const LOCK_PATIENCE: Duration = Duration::from_millis(20);

/// Keeps the process from forking while a lock of another thread's ledger is held, if no fork is coming already.
fn try_hold_back_forks() -> Option<impl Sized> {
    #[cfg(not(checkedmap_loom))]
    return crate::fork::try_hold_back();
    #[cfg(checkedmap_loom)]
    return Some(());
}

/// See the module's page.
#[repr(C, align(128))]
pub(crate) struct Ledger {
    /// At the very front: its address is the ledger's, and what the fast path needs beside it is on the same cache line.
    first: Slot,
    /// The word of a gate that this ledger owns, for a look that costs one comparison; [`NO_BADGE`] while that must not be
    /// enough. Written before the ledger is published, by who claims it, and by who changes the settings.
    badge: AtomicU64,
    /// How many accesses are open in other slots than the first. Written by the owner.
    spilled: AtomicU32,
    /// How many revocations look at this ledger, or have counted an access of it that has not been told. Written by
    /// revokers, and by the owner as it learns of a counted access.
    wanted: AtomicU32,
    /// The other slots.
    others: Chunk,
    /// Its place in the registry, from 1: the writer's name in a gate's word. Set before it is published.
    number: AtomicU32,
    /// The sequence of the open access that is inside and has not begun; 0 for none. Written by the owner.
    held_off: AtomicU64,
    /// A [`Lease`]. Written by who claims a free ledger, by the owner at its end, and in the child of a fork.
    lease: AtomicU64,
    /// The operating system's id of the owner. Written by the owner when it claims the ledger.
    thread: AtomicU64,
    /// How many accesses were made in other slots than the first. Written by the owner; it goes on through all owners.
    spills: AtomicU64,
    /// The sequence of the first slot at which the owner took over. Written by the owner when it claims the ledger.
    since: AtomicU64,
    /// `spills` at that time. Written by the owner when it claims the ledger.
    spills_since: AtomicU64,
    /// Written by the owner when it claims the ledger.
    name: Mutex<Option<Arc<str>>>,
    /// Questions to open accesses of this ledger. Pushed by contenders, taken by whoever ends the access.
    inquiries: Mutex<Vec<Arc<Inquiry>>>,
    /// Published accesses that a revocation has counted in their gate's word, by sequence. Pushed by revokers, taken by
    /// the owner.
    counted: Mutex<Vec<Counted>>,
    /// Stacks of entry by sequence, under `CHECKEDMAP_BACKTRACE=always` only. Pushed by the owner.
    entry_traces: Mutex<Vec<(u64, RawTrace)>>,
    /// The registry's list. Written once, before the ledger is published.
    next: AtomicPtr<Ledger>,
}

impl Ledger {
    /// A ledger that lives forever.
    fn leak() -> &'static Self {
        let mut ledger = Self::new();
        ledger.lease = AtomicU64::new(Lease::new(Tenancy::Taken, std::process::id()).bits());
        let ledger: &'static Self = Box::leak(Box::new(ledger));
        ledger.first.set_home(ledger);
        ledger.others.belongs_to(ledger);
        ledger
    }

    const_unless_modelled! {
        fn new() -> Self {
            Self {
                first: Slot::new(),
                badge: AtomicU64::new(NO_BADGE),
                spilled: AtomicU32::new(0),
                wanted: AtomicU32::new(0),
                others: Chunk::new(),
                number: AtomicU32::new(0),
                held_off: AtomicU64::new(0),
                lease: AtomicU64::new(Lease::new(Tenancy::Taken, 0).bits()),
                thread: AtomicU64::new(0),
                spills: AtomicU64::new(0),
                since: AtomicU64::new(0),
                spills_since: AtomicU64::new(0),
                name: Mutex::new(None),
                inquiries: Mutex::new(Vec::new()),
                counted: Mutex::new(Vec::new()),
                entry_traces: Mutex::new(Vec::new()),
                next: AtomicPtr::new(std::ptr::null_mut()),
            }
        }
    }

    /// Nobody's ledger, whose first slot is never vacant.
    #[cfg(not(checkedmap_loom))]
    const fn occupied() -> Self {
        let mut ledger = Self::new();
        ledger.first = Slot::occupied();
        ledger
    }

    #[inline]
    pub(crate) fn number(&self) -> u32 {
        // Relaxed: set before the ledger is published.
        self.number.load(Ordering::Relaxed)
    }

    /// See the field.
    #[inline]
    pub(crate) fn badge(&self) -> u64 {
        // Relaxed: a number that publishes nothing.
        self.badge.load(Ordering::Relaxed)
    }

    /// Gives the ledger its badge, or takes it away, so that its accesses take the long way in.
    pub(crate) fn wear_badge(&self, worn: bool) {
        let badge = if worn { crate::gate::badge(self.number()) } else { NO_BADGE };
        // Relaxed: as above.
        self.badge.store(badge, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn wears_badge(&self) -> bool {
        self.badge() != NO_BADGE
    }

    /// How many accesses its owners have begun, all together.
    pub(crate) fn accesses(&self) -> u64 {
        // Relaxed: a count for people.
        self.first.own_stamp().nth() + self.spills.load(Ordering::Relaxed)
    }

    /// Whether an access is open in another slot than the first. Only the ledger's thread asks.
    pub(crate) fn has_spilled(&self) -> bool {
        // Relaxed: only the owner reads and writes it.
        self.spilled.load(Ordering::Relaxed) != 0
    }

    /// Publishes an access in a vacant slot. Only the ledger's thread calls this.
    pub(crate) fn open(&'static self, gate: u64, access: Access) -> Open {
        // Beside another access it is not the regime that decides alone, so it must not be taken for one that is inside.
        let phase = if self.has_spilled() { Phase::Asking } else { Phase::Published };
        self.open_first(gate, access, phase).unwrap_or_else(|| self.open_spilled(gate, access))
    }

    /// [`Ledger::open`], if no access is open in the first slot. The caller knows that none is in another.
    #[inline]
    pub(crate) fn open_alone(&'static self, gate: u64, access: Access) -> Option<Open> {
        debug_assert!(!self.has_spilled(), "whoever calls knows that");
        self.open_first(gate, access, Phase::Published)
    }

    #[inline]
    fn open_first(&'static self, gate: u64, access: Access, phase: Phase) -> Option<Open> {
        let slot = &self.first;
        let before = slot.own_stamp();
        before.is_vacant().then(|| Self::publish(slot, before.next(access.operation, phase), gate, access.site))
    }

    fn open_spilled(&'static self, gate: u64, access: Access) -> Open {
        // Relaxed, all four: only the owner reads and writes them; a new owner is ordered by the claim.
        let sequence = self.spills.load(Ordering::Relaxed) + 1;
        self.spills.store(sequence, Ordering::Relaxed);
        self.spilled.store(self.spilled.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        let stamp = Stamp::spilled(sequence, access.operation, Phase::Asking);
        Self::publish(self.vacant_slot(), stamp, gate, access.site)
    }

    #[inline]
    fn publish(slot: &'static Slot, stamp: Stamp, gate: u64, site: Site) -> Open {
        slot.open(stamp, gate, site);
        Open { slot, stamp }
    }

    /// A vacant slot other than the first.
    fn vacant_slot(&'static self) -> &'static Slot {
        let mut chunk: &'static Chunk = &self.others;
        loop {
            if let Some(slot) = chunk.slots.iter().find(|slot| slot.is_vacant()) {
                return slot;
            }
            chunk = chunk.more().unwrap_or_else(|| chunk.grow(self));
        }
    }

    fn slots(&'static self) -> impl Iterator<Item = &'static Slot> {
        let chunks = std::iter::successors(Some(&self.others), |chunk| chunk.more());
        std::iter::once(&self.first).chain(chunks.flat_map(|chunk| chunk.slots.iter()))
    }

    /// The accesses published here, as they are met one after the other.
    pub(crate) fn entries(&'static self) -> impl Iterator<Item = Sighting> {
        self.slots().filter_map(move |slot| slot.read().map(|entry| Sighting { ledger: self, slot, entry }))
    }

    pub(crate) fn has_open_access(&'static self) -> bool {
        self.slots().any(|slot| !slot.is_vacant())
    }
}
