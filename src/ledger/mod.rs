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

use crate::access::{Access, AccessKind, Operation, Site};
use crate::conflict::ThreadInfo;
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::conflict::trace::RawTrace;
use crate::sync::{AtomicPtr, AtomicU32, AtomicU64, Mutex, Ordering, const_unless_modelled};

#[cfg(not(checkedmap_loom))]
pub(crate) mod current;
pub(crate) mod registry;
pub(crate) mod slot;
pub(crate) mod stamp;

pub(crate) use registry::Registry;
pub(crate) use slot::{Entry, Slot};
pub(crate) use stamp::{Phase, Stamp};

/// Slots of a chunk. The first chunk is in the ledger itself: more guards at once than it has room for are rare, and each
/// further chunk costs one allocation in the life of the process.
const SLOTS: usize = if cfg!(checkedmap_loom) { 1 } else { 7 };

/// The badge of a ledger whose accesses must not be let in at one look: no gate's word.
const NO_BADGE: u64 = u64::MAX;

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
    /// A [`Tenancy`]. Written by who claims a free ledger, by the owner at its end, and in the child of a fork.
    tenancy: AtomicU32,
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

/// A few slots, and the way to more.
struct Chunk {
    slots: [Slot; SLOTS],
    /// Null, or a leaked chunk. Written once by the owner.
    more: AtomicPtr<Chunk>,
}

impl Chunk {
    #[cfg(not(checkedmap_loom))]
    const fn new() -> Self {
        Self { slots: [const { Slot::new() }; SLOTS], more: AtomicPtr::new(std::ptr::null_mut()) }
    }

    #[cfg(checkedmap_loom)]
    fn new() -> Self {
        Self { slots: std::array::from_fn(|_| Slot::new()), more: AtomicPtr::new(std::ptr::null_mut()) }
    }

    fn belongs_to(&self, ledger: &'static Ledger) {
        self.slots.iter().for_each(|slot| slot.set_home(ledger));
    }

    fn more(&self) -> Option<&'static Chunk> {
        // Acquire: pairs with the Release in `grow`; the new chunk's slots are initialised.
        let more = self.more.load(Ordering::Acquire);
        // SAFETY: null, or a chunk that `grow` leaked.
        unsafe { more.as_ref() }
    }

    /// Adds a chunk. Only the ledger's thread calls this, on the last chunk.
    #[cold]
    fn grow(&self, ledger: &'static Ledger) -> &'static Chunk {
        let chunk: &'static Chunk = Box::leak(Box::new(Chunk::new()));
        chunk.belongs_to(ledger);
        // Release: pairs with the Acquire in `more`.
        self.more.store(std::ptr::from_ref(chunk).cast_mut(), Ordering::Release);
        chunk
    }
}

/// A published access that a revocation has counted in its gate's word.
struct Counted {
    gate: u64,
    kind: AccessKind,
    sequence: u64,
}

/// An access as its thread holds it: the slot it is, or was, published in, and its stamp there.
#[derive(Clone, Copy)]
pub(crate) struct Open {
    slot: &'static Slot,
    stamp: Stamp,
}

impl PartialEq for Open {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.slot, other.slot) && self.stamp == other.stamp
    }
}

impl Open {
    /// The access that the calling thread has open in this slot.
    #[inline]
    pub(crate) fn in_slot(slot: &'static Slot) -> Self {
        Self { slot, stamp: slot.own_stamp() }
    }

    #[inline]
    pub(crate) fn slot(self) -> &'static Slot {
        self.slot
    }

    #[inline]
    pub(crate) fn ledger(self) -> &'static Ledger {
        self.slot.home()
    }

    /// The access's number in its ledger.
    #[inline]
    pub(crate) fn sequence(self) -> u64 {
        self.stamp.sequence()
    }

    /// What the access does. Not to be asked once it has closed.
    pub(crate) fn operation(self) -> Operation {
        self.stamp.operation().expect("the stamp of an access that was open carries its operation")
    }

    /// Whether the access reads or writes. Not to be asked once it has closed.
    #[inline]
    pub(crate) fn kind(self) -> AccessKind {
        self.stamp.kind()
    }

    /// Shows the access in another phase, which is not [`Phase::Vacant`].
    #[inline]
    pub(crate) fn set_phase(self, phase: Phase) {
        self.slot.set(self.stamp.with_phase(phase));
    }

    /// Ends the access in the ledger. What it holds of its gate is the gate's to see to.
    #[inline]
    pub(crate) fn close(self) {
        if self.stamp.is_spilled() {
            self.close_spilled();
        } else {
            self.slot.set(self.stamp.vacated());
        }
    }

    /// [`Open::close`] for the access in this slot, which its thread has opened with [`Ledger::open_alone`]. What is returned
    /// was read before: once it is vacant, the slot may be another thread's.
    #[inline]
    pub(crate) fn close_alone(slot: &'static Slot) -> Self {
        let open = Self::in_slot(slot);
        slot.set(open.stamp.vacated());
        open
    }

    #[cold]
    fn close_spilled(self) {
        // Relaxed: only the owner reads and writes it. It comes before the slot is vacant, since a ledger whose thread has
        // ended is another's from then on.
        let spilled = &self.ledger().spilled;
        spilled.store(spilled.load(Ordering::Relaxed).wrapping_sub(1), Ordering::Relaxed);
        self.slot.set(self.stamp.vacated());
    }

    /// Whether the access is in another slot than the first.
    #[inline]
    pub(crate) fn is_spilled(self) -> bool {
        self.stamp.is_spilled()
    }

    /// Whether the thread is inside, or asks for, nothing else.
    #[inline]
    pub(crate) fn is_alone(self) -> bool {
        !self.is_spilled() && !self.ledger().has_spilled()
    }

    /// Whether a revocation may have counted this access. To be asked after the phase was changed and a light fence.
    #[inline]
    pub(crate) fn is_wanted(self) -> bool {
        // Relaxed: the light fence before it, with the revoker's heavy one, orders it.
        self.ledger().wanted.load(Ordering::Relaxed) != 0
    }

    /// Whether the access shows itself as one that a revocation counts, or has counted.
    pub(crate) fn is_published_or_counted(self) -> bool {
        matches!(self.slot.phase_of(self.sequence()), Phase::Published | Phase::Counted)
    }

    /// Whether the access was published under this gate's number; 0 is nobody's.
    pub(crate) fn is_at(self, gate: u64) -> bool {
        gate != 0 && self.slot.own_gate() == gate
    }

    /// The kind of this access, if a revocation has counted it; told once.
    #[cold]
    pub(crate) fn take_counted(self) -> Option<AccessKind> {
        let mut counted = self.ledger().counted.lock();
        let place = counted.iter().position(|counted| counted.sequence == self.sequence())?;
        let kind = counted.swap_remove(place).kind;
        // Relaxed: a hint that nothing is left to be told; who sees it too early looks in vain, under the lock.
        self.ledger().wanted.fetch_sub(1, Ordering::Relaxed);
        Some(kind)
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
    /// A ledger that lives forever.
    fn leak() -> &'static Self {
        let ledger: &'static Self = Box::leak(Box::new(Self::new()));
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
                tenancy: AtomicU32::new(Tenancy::Taken as u32),
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
        let since = if Stamp::is_of_spilled(sequence) {
            Stamp::spilled_sequence(self.spills_since.load(Ordering::Relaxed))
        } else {
            self.since.load(Ordering::Relaxed)
        };
        // Relaxed: a report's text.
        sequence > since
    }

    /// Takes the ledger for the calling thread, which has claimed it.
    fn move_in(&self, id: u64, name: Option<Arc<str>>) {
        // Relaxed: published with the first access.
        self.thread.store(id, Ordering::Relaxed);
        self.since.store(self.first.own_stamp().sequence(), Ordering::Relaxed);
        self.spills_since.store(self.spills.load(Ordering::Relaxed), Ordering::Relaxed);
        self.spilled.store(0, Ordering::Relaxed);
        if let Some(mut slot) = self.name.try_lock_for(LOCK_PATIENCE) {
            *slot = name;
        }
        if let Some(mut inquiries) = self.inquiries.try_lock_for(LOCK_PATIENCE) {
            inquiries.clear();
        }
    }

    /// Takes the ledger for a new thread, if nobody uses it. Whether this call took it.
    fn take(&'static self) -> bool {
        let tenancy = self.tenancy();
        let vacant = tenancy == Tenancy::Free || (tenancy == Tenancy::Ended && !self.has_open_access());
        // AcqRel: Acquire pairs with the Release in `end`, or with another claimant's exchange; Release with the Acquire in
        // `tenancy`.
        let exchange = |from: Tenancy, to: Tenancy| {
            self.tenancy.compare_exchange(from as u32, to as u32, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        if !vacant || !exchange(tenancy, Tenancy::Taken) {
            return false;
        }
        // Between the look and the exchange another thread may have come and ended here, leaving an access open.
        if self.has_open_access() {
            exchange(Tenancy::Taken, Tenancy::Ended);
            return false;
        }
        true
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

    #[cfg(all(test, not(checkedmap_loom)))]
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed) != 0
    }

    /// Announces a revocation: until [`Ledger::stop_looking`] the owner asks whether its accesses were counted. Certain to
    /// be seen by accesses that end after the heavy fence that follows.
    pub(crate) fn start_looking(&self) {
        // Relaxed: the heavy fence orders it.
        self.wanted.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stop_looking(&self) {
        // Relaxed: see `take_counted`.
        self.wanted.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts the published accesses to `gate` that could be inside, by `count`, unless they end or change their mind first.
    pub(crate) fn count_published(
        &'static self,
        gate: u64,
        could_be_inside: impl Fn(AccessKind) -> bool,
        count: impl Fn(AccessKind),
    ) {
        // The owner is told under this lock, so it learns of an access that was counted, and not of one that was not yet.
        let mut counted = self.counted.lock();
        for seen in self.entries().filter(|seen| seen.entry.gate == gate && seen.entry.phase == Phase::Published) {
            if could_be_inside(seen.entry.access.kind()) && seen.slot.show_counted(&seen.entry) {
                count(seen.entry.access.kind());
                // Relaxed: as in `start_looking`, whose mark is still there.
                self.wanted.fetch_add(1, Ordering::Relaxed);
                let Entry { sequence, access, .. } = seen.entry;
                counted.push(Counted { gate, kind: access.kind(), sequence });
            }
        }
    }

    /// In the child of a fork, for a lost ledger: the kinds of the accesses to `gate` that had ended, but had not been told
    /// that they were counted. Told once.
    pub(crate) fn take_lost_counts(&'static self, gate: u64) -> Vec<AccessKind> {
        let Some(mut counted) = self.counted.try_lock_for(LOCK_PATIENCE) else { return Vec::new() };
        let open: Vec<u64> = self.entries().map(|seen| seen.entry.sequence).collect();
        let mut ended = Vec::new();
        counted.retain(|counted| {
            let has_ended = counted.gate == gate && !open.contains(&counted.sequence);
            if has_ended {
                ended.push(counted.kind);
            }
            !has_ended
        });
        ended
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
