//! One open access of one thread, published so that other threads can read it.
//!
//! A slot is written by the thread that makes the access and read by whoever is refused at the same gate. It is a
//! sequence lock without a lock: the [`stamp`](Slot) says which access the fields belong to, and a reader that finds the
//! same stamp before and after has read the fields of one access.

use std::panic::Location;
use std::ptr;

use crate::access::{Access, Operation, Site};
use crate::ledger::Ledger;
use crate::sync::{AtomicPtr, AtomicU32, AtomicU64, Ordering, const_unless_modelled};

/// How far an access has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// No access: the slot is free.
    Vacant = 0,
    /// Published. Inside, if the gate's regime admits it by that; else about to be counted, or to ask.
    Published = 1,
    /// Refused, and waiting for its turn for as long as that takes.
    Waiting = 2,
    /// Inside, counted in the gate's word.
    Counted = 3,
    /// Inside, through the degraded gate's lock.
    Locked = 4,
    /// On its way out: the word or the lock may still hold it.
    Leaving = 5,
    /// Asks to be counted or locked in; being published does not let it in.
    Asking = 6,
}

impl Phase {
    #[inline]
    fn of(stamp: u64) -> Self {
        match stamp & PHASE_MASK {
            1 => Self::Published,
            2 => Self::Waiting,
            3 => Self::Counted,
            4 => Self::Locked,
            5 => Self::Leaving,
            6 => Self::Asking,
            _ => Self::Vacant,
        }
    }

    /// Whether an access in this phase is certainly inside.
    pub(crate) fn is_inside(self) -> bool {
        matches!(self, Self::Counted | Self::Locked)
    }

    /// Whether an earlier access of the looking thread's own, in this phase, is inside: it would not have got to the
    /// later one with the earlier one merely published.
    pub(crate) fn is_inside_for_its_thread(self) -> bool {
        matches!(self, Self::Counted | Self::Locked | Self::Published)
    }
}

const PHASE_BITS: u32 = 3;
const PHASE_MASK: u64 = (1 << PHASE_BITS) - 1;

/// See the module's page.
pub(crate) struct Slot {
    /// The ledger it belongs to. Written once, before the ledger, or the chunk, is published.
    home: AtomicPtr<Ledger>,
    /// `sequence << 3 | phase`. Written by the access's thread, and by `exchange_phase`. The sequence grows with every
    /// access of a ledger and is never used twice.
    stamp: AtomicU64,
    /// The gate's identity. Written by the owner while the slot is vacant.
    gate: AtomicU64,
    /// Written by the owner while the slot is vacant.
    site: AtomicPtr<Location<'static>>,
    /// Written by the owner while the slot is vacant.
    operation: AtomicU32,
}

/// What a slot showed at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) sequence: u64,
    pub(crate) phase: Phase,
    pub(crate) gate: u64,
    pub(crate) access: Access,
}

impl Slot {
    const_unless_modelled! {
        pub(super) fn new() -> Self {
            Self {
                home: AtomicPtr::new(ptr::null_mut()),
                stamp: AtomicU64::new(0),
                gate: AtomicU64::new(0),
                site: AtomicPtr::new(ptr::null_mut()),
                operation: AtomicU32::new(0),
            }
        }
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

    /// The number of the access that is, or was last, published here. For the access's own thread.
    #[inline]
    pub(super) fn sequence(&self) -> u64 {
        // Relaxed: what the thread stored itself; others change the phase only.
        self.stamp.load(Ordering::Relaxed) >> PHASE_BITS
    }

    #[inline]
    pub(crate) fn is_vacant(&self) -> bool {
        // Acquire: pairs with the Release in `close`. The next access's fields are written after the last one's end.
        Phase::of(self.stamp.load(Ordering::Acquire)) == Phase::Vacant
    }

    /// Publishes an access that asks to come in. Only the ledger's thread calls this, on a vacant slot.
    #[inline]
    pub(super) fn open(&self, sequence: u64, gate: u64, access: Access) {
        // Release on each field: pairs with the Acquire loads in `read`. A reader that meets a field of this access has
        // also met the end of the slot's last access, so its second look at the stamp differs from its first.
        self.gate.store(gate, Ordering::Release);
        self.site.store(ptr::from_ref(access.site.location()).cast_mut(), Ordering::Release);
        self.operation.store(access.operation as u32, Ordering::Release);
        self.set_phase(sequence, Phase::Published);
    }

    #[inline]
    pub(crate) fn set_phase(&self, sequence: u64, phase: Phase) {
        // Release: pairs with the Acquire in `read` and `phase_of`. Who sees the phase sees the fields, and whatever the
        // access did to the gate's word before it.
        self.stamp.store(sequence << PHASE_BITS | phase as u64, Ordering::Release);
    }

    /// Ends the access.
    #[inline]
    pub(crate) fn close(&self, sequence: u64) {
        self.set_phase(sequence, Phase::Vacant);
    }

    /// Moves another thread's access from one phase to another, if it is in the first. Whether this call did it.
    ///
    /// The thread itself stores its phases without looking, so it may overwrite this at once.
    pub(crate) fn exchange_phase(&self, sequence: u64, from: Phase, to: Phase) -> bool {
        let stamp = |phase| sequence << PHASE_BITS | phase as u64;
        // AcqRel: Release as in `set_phase`, Acquire pairs with the Release there. Acquire on failure too: that the access
        // is not in the first phase any more may mean that it has ended, and what it did comes before what follows.
        self.stamp.compare_exchange(stamp(from), stamp(to), Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// What the slot shows, unless it is vacant or changes hands under the reader's eyes.
    pub(crate) fn read(&self) -> Option<Entry> {
        // Acquire: pairs with the Release in `set_phase`.
        let stamp = self.stamp.load(Ordering::Acquire);
        let phase = Phase::of(stamp);
        if phase == Phase::Vacant {
            return None;
        }
        // Acquire: pair with the Release stores in `open`.
        let gate = self.gate.load(Ordering::Acquire);
        let site = self.site.load(Ordering::Acquire);
        let operation = self.operation.load(Ordering::Acquire);
        // Acquire: the loads above come first, and what they read from orders this one. Where it shows that the access has
        // ended, it pairs with the Release in `close`: what the access did comes before what follows.
        let again = self.stamp.load(Ordering::Acquire);
        if again >> PHASE_BITS != stamp >> PHASE_BITS || Phase::of(again) == Phase::Vacant {
            return None;
        }
        // SAFETY: the pointer comes from a `&'static Location` stored by `open`, and no access has been published in
        // this slot before the first `open`.
        let site = Site::new(unsafe { site.as_ref()? });
        let operation = Operation::from_u8(u8::try_from(operation).ok()?)?;
        let sequence = stamp >> PHASE_BITS;
        Some(Entry { sequence, phase, gate, access: Access::new(operation, site) })
    }

    /// The phase of the access `sequence`, or `Vacant` where it has ended.
    pub(crate) fn phase_of(&self, sequence: u64) -> Phase {
        // Acquire: pairs with the Release in `set_phase`.
        let stamp = self.stamp.load(Ordering::Acquire);
        if stamp >> PHASE_BITS == sequence { Phase::of(stamp) } else { Phase::Vacant }
    }
}
