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

use crate::access::Access;
use crate::conflict::ThreadInfo;
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::conflict::trace::RawTrace;
use crate::sync::{AtomicPtr, AtomicU32, AtomicU64, Mutex, Ordering};

#[cfg(not(checkedmap_loom))]
pub(crate) mod current;
pub(crate) mod registry;
pub(crate) mod slot;

pub(crate) use registry::Registry;
pub(crate) use slot::{Entry, Phase, Slot};

/// Slots beside each other in the ledger itself: more guards than this at once are rare, and each further chunk costs
/// one allocation in the life of the process.
const SLOTS: usize = if cfg!(checkedmap_loom) { 2 } else { 8 };

/// How long a thread tries for a lock that another holds for nanoseconds. After a `fork` its holder may not exist.
const LOCK_PATIENCE: Duration = Duration::from_millis(20);

/// Who uses a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Tenancy {
    /// Nobody.
    Free = 0,
    /// A running thread.
    Taken = 1,
    /// A thread that has ended, or is about to, with accesses still open. Free again when the last of them closes.
    Ended = 2,
    /// A thread of the process this one was forked from. Its accesses hold nothing here.
    Lost = 3,
}

/// See the module's page.
#[repr(align(128))]
pub(crate) struct Ledger {
    /// Its place in the registry, from 1: the writer's name in a gate's word. Set before it is published.
    number: AtomicU32,
    /// A [`Tenancy`]. Written by who claims a free ledger, by the owner at its end, and in the child of a fork.
    tenancy: AtomicU32,
    /// The last sequence given out. Written by the owner; it goes on through all owners.
    sequence: AtomicU64,
    first: Chunk,
    /// The operating system's id of the owner. Written by the owner when it claims the ledger.
    thread: AtomicU64,
    /// The sequence at which the owner took over. Written by the owner when it claims the ledger.
    since: AtomicU64,
    /// Written by the owner when it claims the ledger.
    name: Mutex<Option<Arc<str>>>,
    /// Questions to open accesses of this ledger. Pushed by contenders, taken by whoever ends the access.
    inquiries: Mutex<Vec<Arc<Inquiry>>>,
    /// Stacks of entry by sequence, under `CHECKEDMAP_BACKTRACE=always` only. Pushed by the owner.
    entry_traces: Mutex<Vec<(u64, RawTrace)>>,
    /// The registry's list. Written once, before the ledger is published.
    next: AtomicPtr<Ledger>,
}

/// A few slots, and the way to more.
struct Chunk {
    slots: [Slot; SLOTS],
    /// Null, or a leaked chunk. Written once by the owner.
    more: AtomicPtr<Chunk>,
}

impl Chunk {
    fn new() -> Self {
        Self { slots: std::array::from_fn(|_| Slot::new()), more: AtomicPtr::new(std::ptr::null_mut()) }
    }

    fn more(&self) -> Option<&'static Chunk> {
        // Acquire: pairs with the Release in `grow`; the new chunk's slots are initialised.
        let more = self.more.load(Ordering::Acquire);
        // SAFETY: null, or a chunk that `grow` leaked.
        unsafe { more.as_ref() }
    }

    /// Adds a chunk. Only the ledger's thread calls this, on the last chunk.
    #[cold]
    fn grow(&self) -> &'static Chunk {
        let chunk: &'static Chunk = Box::leak(Box::new(Chunk::new()));
        // Release: pairs with the Acquire in `more`.
        self.more.store(std::ptr::from_ref(chunk).cast_mut(), Ordering::Release);
        chunk
    }
}

/// An access as its thread holds it: the slot it is published in, and its number there.
#[derive(Clone, Copy)]
pub(crate) struct Open {
    pub(crate) ledger: &'static Ledger,
    pub(crate) slot: &'static Slot,
    pub(crate) sequence: u64,
}

impl Open {
    #[inline]
    pub(crate) fn set_phase(&self, phase: Phase) {
        self.slot.set_phase(self.sequence, phase);
    }

    #[inline]
    pub(crate) fn close(&self) {
        self.slot.close(self.sequence);
    }
}

/// An access as another thread sees it.
#[derive(Clone, Copy)]
pub(crate) struct Sighting {
    pub(crate) ledger: &'static Ledger,
    pub(crate) slot: &'static Slot,
    pub(crate) entry: Entry,
}

impl Sighting {
    /// The access's phase by now; `Vacant` when it has ended.
    pub(crate) fn phase(&self) -> Phase {
        self.slot.phase_of(self.entry.sequence)
    }

    /// The stack of entry, where it was kept.
    pub(crate) fn entry_trace(&self) -> Option<RawTrace> {
        let traces = self.ledger.entry_traces.try_lock_for(LOCK_PATIENCE)?;
        traces.iter().find(|(sequence, _)| *sequence == self.entry.sequence).map(|(_, trace)| trace.clone())
    }
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self {
            number: AtomicU32::new(0),
            tenancy: AtomicU32::new(Tenancy::Taken as u32),
            sequence: AtomicU64::new(0),
            first: Chunk::new(),
            thread: AtomicU64::new(0),
            since: AtomicU64::new(0),
            name: Mutex::new(None),
            inquiries: Mutex::new(Vec::new()),
            entry_traces: Mutex::new(Vec::new()),
            next: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    pub(crate) fn number(&self) -> u32 {
        // Relaxed: set before the ledger is published.
        self.number.load(Ordering::Relaxed)
    }

    pub(crate) fn tenancy(&self) -> Tenancy {
        // Acquire: pairs with the Release in `end` and the AcqRel in `Registry::claim`: the accesses of the thread
        // that gave the ledger up are closed.
        match self.tenancy.load(Ordering::Acquire) {
            1 => Tenancy::Taken,
            2 => Tenancy::Ended,
            3 => Tenancy::Lost,
            _ => Tenancy::Free,
        }
    }

    /// How many accesses its owners have begun, all together.
    pub(crate) fn accesses(&self) -> u64 {
        // Relaxed: a count for people.
        self.sequence.load(Ordering::Relaxed)
    }

    /// Publishes an access in a vacant slot. Only the ledger's thread calls this.
    #[inline]
    pub(crate) fn open(&'static self, gate: u64, access: Access) -> Open {
        // Relaxed: only the owner reads and writes it; a new owner is ordered by the claim.
        let sequence = self.sequence.load(Ordering::Relaxed) + 1;
        self.sequence.store(sequence, Ordering::Relaxed);
        let slot = self.vacant_slot();
        slot.open(sequence, gate, access);
        Open { ledger: self, slot, sequence }
    }

    #[inline]
    fn vacant_slot(&'static self) -> &'static Slot {
        let first = &self.first.slots[0];
        if first.is_vacant() { first } else { self.vacant_slot_slow() }
    }

    #[cold]
    fn vacant_slot_slow(&'static self) -> &'static Slot {
        let mut chunk: &'static Chunk = &self.first;
        loop {
            if let Some(slot) = chunk.slots.iter().find(|slot| slot.is_vacant()) {
                return slot;
            }
            chunk = chunk.more().unwrap_or_else(|| chunk.grow());
        }
    }

    fn slots(&'static self) -> impl Iterator<Item = &'static Slot> {
        std::iter::successors(Some(&self.first), |chunk| chunk.more()).flat_map(|chunk| chunk.slots.iter())
    }

    /// The accesses published here, as they are met one after the other.
    pub(crate) fn entries(&'static self) -> impl Iterator<Item = Sighting> {
        self.slots().filter_map(move |slot| slot.read().map(|entry| Sighting { ledger: self, slot, entry }))
    }

    pub(crate) fn has_open_access(&'static self) -> bool {
        self.slots().any(|slot| !slot.is_vacant())
    }

    /// The thread that makes the accesses published here, as reports name it.
    pub(crate) fn thread_info(&self) -> ThreadInfo {
        let name = self.name.try_lock_for(LOCK_PATIENCE).and_then(|name| name.clone());
        // Relaxed: a report's text; the accesses themselves are validated by their stamps.
        let id = self.thread.load(Ordering::Relaxed);
        ThreadInfo { id, name, ended: matches!(self.tenancy(), Tenancy::Ended | Tenancy::Lost) }
    }

    /// [`Ledger::thread_info`], asked by the thread itself: whatever the ledger's tenancy, it has not ended.
    pub(crate) fn thread_info_of_caller(&self) -> ThreadInfo {
        ThreadInfo { ended: false, ..self.thread_info() }
    }

    pub(crate) fn thread_id(&self) -> u64 {
        // Relaxed: as in `thread_info`.
        self.thread.load(Ordering::Relaxed)
    }

    /// Whether the access `sequence` was made by the thread that has the ledger now.
    pub(crate) fn is_of_current_owner(&self, sequence: u64) -> bool {
        // Relaxed: a report's text.
        sequence > self.since.load(Ordering::Relaxed)
    }

    /// Takes the ledger for the calling thread, which has claimed it.
    fn move_in(&self, id: u64, name: Option<Arc<str>>) {
        // Relaxed: published with the first access.
        self.thread.store(id, Ordering::Relaxed);
        self.since.store(self.sequence.load(Ordering::Relaxed), Ordering::Relaxed);
        if let Some(mut slot) = self.name.try_lock_for(LOCK_PATIENCE) {
            *slot = name;
        }
        if let Some(mut inquiries) = self.inquiries.try_lock_for(LOCK_PATIENCE) {
            inquiries.clear();
        }
    }

    /// Gives the ledger up: at once, or, with accesses still open, when the last of them closes.
    pub(crate) fn end(&'static self) {
        let tenancy = if self.has_open_access() { Tenancy::Ended } else { Tenancy::Free };
        // Release: pairs with the Acquire in `tenancy` and the claim: everything this thread published comes before.
        self.tenancy.store(tenancy as u32, Ordering::Release);
    }

    /// In the child of a fork: this ledger's thread does not exist. Only stores, as a fork handler must.
    pub(crate) fn lose(&self) {
        // Release: pairs with the Acquire in `tenancy`.
        self.tenancy.store(Tenancy::Lost as u32, Ordering::Release);
    }

    /// In the child of a fork: the forking thread has a new id.
    pub(crate) fn set_thread_id(&self, id: u64) {
        // Relaxed: a report's text.
        self.thread.store(id, Ordering::Relaxed);
    }

    /// Puts a question to the access `inquiry` names. To be seen for certain it is put before the gate is marked as
    /// contended.
    pub(crate) fn ask(&self, inquiry: Arc<Inquiry>) {
        if let Some(mut inquiries) = self.inquiries.try_lock_for(LOCK_PATIENCE) {
            inquiries.retain(|other| !other.is_withdrawn());
            inquiries.push(inquiry);
        }
    }

    /// Answers what was asked about the access `sequence`. `answer` is made only if somebody waits for it.
    pub(crate) fn answer(&self, sequence: u64, answer: impl FnOnce() -> Answer) {
        let mut asked = Vec::new();
        if let Some(mut inquiries) = self.inquiries.try_lock_for(LOCK_PATIENCE) {
            inquiries.retain(|inquiry| {
                if inquiry.sequence() == sequence {
                    asked.push(Arc::clone(inquiry));
                }
                inquiry.sequence() != sequence && !inquiry.is_withdrawn()
            });
        }
        asked.retain(|inquiry| !inquiry.is_withdrawn());
        if !asked.is_empty() {
            let answer = answer();
            for inquiry in asked {
                inquiry.answer(answer.clone());
            }
        }
    }

    pub(crate) fn keep_entry_trace(&self, sequence: u64, trace: RawTrace) {
        if let Some(mut traces) = self.entry_traces.try_lock_for(LOCK_PATIENCE) {
            traces.push((sequence, trace));
        }
    }

    pub(crate) fn forget_entry_trace(&self, sequence: u64) -> Option<RawTrace> {
        let mut traces = self.entry_traces.try_lock_for(LOCK_PATIENCE)?;
        let place = traces.iter().position(|(other, _)| *other == sequence)?;
        Some(traces.swap_remove(place).1)
    }
}
