//! Decides who may be inside a collection.
//!
//! # Protocol of the counted regime
//!
//! An access is published in its thread's ledger first (phase `Published`, or `Asking`), then counted in the gate's [`word`] by a
//! compare-and-swap, then marked `Counted` in the ledger. It leaves in the opposite order: `Leaving`, off the word, gone.
//! So what the word counts is always in some ledger, and what a ledger shows as `Counted` is counted in the word.
//!
//! A contender that finds the word excluding it
//!
//! 1. reads the holder's entry from a ledger: the writer's by the number in the word, else any read that is `Counted`;
//! 2. leaves its question at that ledger;
//! 3. sets the word's `contended` bit by a compare-and-swap against the very word that refused it;
//! 4. reads the entry's stamp again.
//!
//! If the stamp still carries the same sequence (for a read: still `Counted`) the entry's access was inside at the moment
//! of step 3, so the overlap is real and the name is right: had the access left the word before step 3, that step's
//! Acquire would have read from the leaver's Release, and step 4 would have seen `Leaving`. Conversely the holder's own
//! departure comes after step 3 in the order of the word, reads the `contended` bit and finds the question of step 2. It
//! answers with its stack *after* it has left, so the contender is not held up, and *before* it
//! returns to its caller, so the caller's frames are still there.
//!
//! # Waiting
//!
//! A sleeper sets `contended` and sleeps only while the word that refused it stays as it was with that bit. The bit is
//! cleared only together with a wake-up of everyone, and only while nobody is inside; every departure that finds the bit
//! and leaves nobody behind wakes everyone.
//!
//! # Degrading
//!
//! Degrading changes the word's tag and nothing else: the counted accesses inside stay counted. Newcomers take the lock
//! first, look whether the gate is still degraded, and then wait until the counted accesses that exclude them have left.
//! A read nested in another read of its thread is counted in every regime, since the lock would make it wait for a writer
//! that waits for the outer read. Recovering takes the lock exclusively, so nobody is inside through it, and finds the
//! counts at zero.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::access::AccessKind;
use crate::access::exclude;
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::ledger::{Entry, Ledger, Open, Phase, Registry, Sighting, Tenancy};
use crate::sync::{AtomicU64, Lock, Ordering, Parking, const_unless_modelled, spin_loop, yield_now};

mod degraded;
mod habit;
#[cfg(all(test, checkedmap_loom))]
mod models;
mod published;
#[cfg(all(test, not(checkedmap_loom)))]
mod tests;
mod word;

use degraded::Attempt;
use habit::Habit;
use word::Word;
pub(crate) use word::{Regime, badge};

/// How often a contender looks for a holder that is just entering or leaving before it reports one without a name.
const SEARCHES: u32 = if cfg!(checkedmap_loom) { 3 } else { 10_000 };
/// The first searches spin; a holder is between two instructions for nanoseconds, unless it was preempted there.
const SPINS: u32 = 64;
/// How long a reader steps back for a writer that has waited long.
const COURTESY: Duration = Duration::from_millis(1);

/// Decides who may be inside. See the module's page.
///
/// On one cache line, so that an access which is handed from one processor to another fetches one, whatever it looks at here.
#[repr(align(64))]
pub(crate) struct Gate {
    /// See [`word`]. Written by every access that enters or leaves by the count, and by whoever is refused.
    word: AtomicU64,
    /// 0 until the first access; then a number no other gate of the process has. Written once.
    identity: AtomicU64,
    /// What the accesses have been like lately.
    habit: Habit,
    /// What admits while the gate is degraded.
    lock: Lock,
    /// Where refused accesses sleep.
    parking: Parking,
}

#[cfg(not(checkedmap_loom))]
const _: () = assert!(size_of::<Gate>() == 64);

/// How an access is inside, which is how it must leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// By being published in a regime that admits by that.
    Published = 1,
    /// By the word's count.
    Counted = 2,
    /// By the lock.
    Locked = 3,
}

/// What the caller allows, beside the plain rules, on the slow way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// May step back for a moment for a writer that has waited long.
    Patient,
    /// Must not wait at all.
    Prompt,
    /// A read beside another that stays open meanwhile, perhaps another thread's: no writer can be inside.
    BesideRead,
}

/// Why an access was not admitted.
pub(crate) struct Refusal {
    /// An access that is inside and excludes this one. `None` where it was on its way in or out for as long as we looked.
    pub(crate) holder: Option<Sighting>,
    /// The question left for the holder, which it answers as it leaves.
    pub(crate) inquiry: Option<Arc<Inquiry>>,
    pub(crate) regime: Regime,
}

/// What a bounded wait came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Admitted(Hold),
    TimedOut,
    /// The access has taken the gate from an owner or from readers, who are inside by the count now: others than those it
    /// has waited for so far.
    Revoked,
}

/// The numbers of gates. A number that is never given twice cannot be mistaken for another gate's, whatever becomes of
/// the memory the gate was in.
static IDENTITIES: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);

impl Gate {
    const_unless_modelled! {
        pub(crate) fn new() -> Self {
            Self {
                word: AtomicU64::new(Word::FREE),
                identity: AtomicU64::new(0),
                habit: Habit::new(),
                lock: Lock::new(),
                parking: Parking::new(),
            }
        }
    }

    /// The gate's number; 0 if nobody has asked for it before.
    #[inline]
    pub(crate) fn known_identity(&self) -> u64 {
        // Relaxed: a number that publishes nothing; it is written once.
        self.identity.load(Ordering::Relaxed)
    }

    /// The gate's number.
    pub(crate) fn identity(&self) -> u64 {
        match self.known_identity() {
            0 => self.identify(),
            identity => identity,
        }
    }

    #[cold]
    fn identify(&self) -> u64 {
        let fresh = IDENTITIES.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // Relaxed: as in `known_identity`; the first to write wins.
        match self.identity.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh,
            Err(earlier) => earlier,
        }
    }

    /// How the gate admits right now.
    pub(crate) fn regime(&self) -> Regime {
        self.load().regime()
    }

    /// Whether somebody has been refused, and whoever was in the way has not left yet.
    pub(crate) fn is_contended(&self) -> bool {
        self.load().is_contended()
    }

    #[inline]
    fn load(&self) -> Word {
        // Acquire: pairs with the Release in `uncount` and `exchange`: who sees the accesses of the word gone sees what
        // they did, and who sees them there finds them in their ledgers.
        Word(self.word.load(Ordering::Acquire))
    }

    /// Replaces `word` by `new`, if it is still there.
    #[inline]
    fn exchange(&self, word: Word, new: Word) -> bool {
        // AcqRel: Acquire pairs with the Release of whoever left or degraded before, Release with the Acquire in `load` and
        // here.
        self.word.compare_exchange(word.0, new.0, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Lets a published access in, or says who is in its way. Does not wait.
    pub(crate) fn try_enter(
        &self,
        registry: &Registry,
        open: Open,
        kind: AccessKind,
        manner: Manner,
        evidence: impl Fn() -> Answer + Copy,
    ) -> Result<Hold, Refusal> {
        if open.is_alone()
            && let Some(hold) = self.try_enter_free(open, kind)
        {
            return Ok(hold);
        }
        self.try_enter_slow(registry, open, kind, manner, evidence)
    }

    /// Adds the access to the count of `word`.
    #[inline]
    fn try_count(&self, word: Word, open: Open, kind: AccessKind) -> bool {
        let Some(new) = word.entered(kind, open.ledger().number()) else { return false };
        if !self.exchange(word, new) {
            return false;
        }
        open.set_phase(Phase::Counted);
        true
    }

    /// [`Gate::try_enter`] without the fast path: also for an access that was refused before.
    #[cold]
    pub(crate) fn try_enter_slow(
        &self,
        registry: &Registry,
        open: Open,
        kind: AccessKind,
        manner: Manner,
        evidence: impl Fn() -> Answer + Copy,
    ) -> Result<Hold, Refusal> {
        self.retract(open, Phase::Asking, evidence);
        let (mut searches, mut turns) = (0, 0);
        loop {
            let word = self.load();
            let own = self.own_access(open);
            let nested = kind == AccessKind::Read
                && own.map_or(manner == Manner::BesideRead, |own| own.entry.access.kind() == AccessKind::Read);
            if let (Some(own), false) = (own, nested) {
                return Err(Refusal { holder: Some(own), inquiry: None, regime: word.regime() });
            }
            match word.regime() {
                Regime::Owned | Regime::SharedRead => {
                    if !word.lends_to(kind, open.ledger().number()) {
                        self.revoke(registry, word);
                    } else if self.try_published(open, kind, Phase::Asking, evidence) {
                        return Ok(Hold::Published);
                    }
                }
                Regime::Revoking => stand_by(&mut turns),
                Regime::Degraded if !nested => match self.try_lock(kind) {
                    Attempt::Admitted => {
                        open.set_phase(Phase::Locked);
                        return Ok(Hold::Locked);
                    }
                    Attempt::Retry => {}
                    Attempt::Blocked => {
                        let holder = self.find_locked_holder(registry, open, kind);
                        if holder.is_some() || searches >= SEARCHES {
                            return Err(Refusal { holder, inquiry: None, regime: Regime::Degraded });
                        }
                        // Somebody has the lock between two instructions, or for an instant, to try to recover.
                        searches += 1;
                        yield_now();
                    }
                },
                Regime::Counted | Regime::Degraded if !word.excludes(kind) => {
                    if word.is_urgent() && !nested && manner == Manner::Patient {
                        self.step_back();
                    }
                    if self.try_count_again(open, kind, nested) {
                        return Ok(Hold::Counted);
                    }
                }
                Regime::Counted | Regime::Degraded => match self.challenge(registry, open, word) {
                    Challenge::Met { holder, inquiry } => {
                        return Err(Refusal { holder: Some(holder), inquiry: Some(inquiry), regime: Regime::Counted });
                    }
                    Challenge::Changed => {}
                    Challenge::Unseen if searches >= SEARCHES => {
                        return Err(Refusal { holder: None, inquiry: None, regime: Regime::Counted });
                    }
                    Challenge::Unseen => {
                        searches += 1;
                        if searches < SPINS { spin_loop() } else { yield_now() }
                    }
                },
            }
        }
    }

    /// Counts an access that has asked, if nothing has come in its way meanwhile.
    fn try_count_again(&self, open: Open, kind: AccessKind, nested: bool) -> bool {
        let word = self.load();
        let counts = word.regime() == Regime::Counted || (nested && word.regime() == Regime::Degraded);
        assert!(!word.is_full(), "more than 16,777,215 reads of one collection are open at once");
        counts && !word.excludes(kind) && self.try_count(word, open, kind)
    }

    /// An access of the same ledger that is inside this gate; all that are do the same there, read or write.
    fn own_access(&self, open: Open) -> Option<Sighting> {
        let identity = self.identity();
        open.ledger()
            .entries()
            .filter(|seen| seen.entry.sequence != open.sequence())
            .filter(|seen| seen.entry.gate == identity && seen.entry.phase.is_inside_for_its_thread())
            .min_by_key(|seen| seen.entry.sequence)
    }

    /// Names an access that is inside according to `word`, and marks the gate as contended while it is.
    fn challenge(&self, registry: &Registry, open: Open, word: Word) -> Challenge {
        let Some(holder) = self.find_counted_holder(registry, open, word) else { return Challenge::Unseen };
        let inquiry = Arc::new(Inquiry::new(holder.entry.sequence));
        holder.ledger.ask(Arc::clone(&inquiry));
        let was_inside = self.mark_contended(word) && {
            let phase = holder.phase();
            match holder.entry.access.kind() {
                AccessKind::Read => phase == Phase::Counted,
                AccessKind::Write => phase != Phase::Vacant,
            }
        };
        if was_inside {
            return Challenge::Met { holder, inquiry };
        }
        inquiry.withdraw();
        Challenge::Changed
    }

    /// Marks the gate as contended while what is inside by the count is of the same sort as in `word`: this writer, or
    /// readers, who may come and go meanwhile.
    fn mark_contended(&self, word: Word) -> bool {
        loop {
            let current = self.load();
            let same = current.regime() == word.regime()
                && current.writer() == word.writer()
                && current.is_vacant() == word.is_vacant();
            if !same {
                return false;
            }
            if self.exchange(current, current.contended()) {
                return true;
            }
        }
    }

    fn find_counted_holder(&self, registry: &Registry, open: Open, word: Word) -> Option<Sighting> {
        let identity = self.identity();
        match word.writer() {
            // The writer's entry that shows itself as counted is the one inside; where none does yet or any more, any.
            Some(number) => registry
                .find(number)?
                .entries()
                .filter(|seen| seen.entry.gate == identity && seen.entry.access.kind() == AccessKind::Write)
                .filter(|seen| !(std::ptr::eq(seen.ledger, open.ledger()) && seen.entry.sequence == open.sequence()))
                .min_by_key(|seen| (seen.entry.phase != Phase::Counted, seen.entry.sequence)),
            None => registry
                .ledgers()
                .flat_map(|ledger| ledger.entries())
                .find(|seen| self.is_other(seen, open) && seen.entry.phase == Phase::Counted),
        }
    }

    /// An access inside that excludes one of this kind.
    pub(crate) fn find_holder(&self, registry: &Registry, open: Open, kind: AccessKind) -> Option<Sighting> {
        self.holders(registry, open).find(|seen| exclude(seen.entry.access.kind(), kind))
    }

    /// What keeps the lock of a degraded gate from an access of this kind: an access inside, or else a write that waits
    /// at the lock, which reads must let go first.
    fn find_locked_holder(&self, registry: &Registry, open: Open, kind: AccessKind) -> Option<Sighting> {
        self.find_holder(registry, open, kind).or_else(|| {
            let entries = registry.ledgers().flat_map(|ledger| ledger.entries());
            let mut waiting = entries.filter(|seen| self.is_other(seen, open) && seen.entry.phase == Phase::Waiting);
            waiting.find(|seen| seen.entry.access.kind() == AccessKind::Write)
        })
    }

    /// The accesses inside this gate, other than `open`'s own thread's, as they are met one after the other.
    fn holders(&self, registry: &Registry, open: Open) -> impl Iterator<Item = Sighting> {
        registry
            .ledgers()
            .flat_map(|ledger| ledger.entries())
            .filter(move |seen| self.is_other(seen, open) && seen.entry.phase.is_inside())
    }

    fn is_other(&self, seen: &Sighting, open: Open) -> bool {
        seen.entry.gate == self.identity() && !std::ptr::eq(seen.ledger, open.ledger())
    }

    /// Whether nobody but the thread whose ledger has the number `own` is inside, or on the way out with a last look at the
    /// gate ahead. For the access after which the gate is gone: who comes later than this call has no business here.
    pub(crate) fn is_deserted(&self, registry: &Registry, own: u32) -> bool {
        let mut turns = 0;
        loop {
            let word = self.load();
            match word.regime() {
                Regime::Owned if word.owner() == Some(own) => return true,
                Regime::Owned | Regime::SharedRead => self.revoke(registry, word),
                Regime::Revoking => stand_by(&mut turns),
                // Whoever is to wake others has not done so while the word is marked as contended.
                Regime::Counted | Regime::Degraded if !word.is_vacant() || word != word.calm() => return false,
                Regime::Counted | Regime::Degraded => {
                    let identity = self.identity();
                    let others = registry.ledgers().filter(|ledger| ledger.number() != own);
                    return !others.flat_map(|ledger| ledger.entries()).any(|seen| seen.entry.gate == identity);
                }
            }
        }
    }

    /// Lets a writer that has waited long go first, for a moment.
    fn step_back(&self) {
        let deadline = Some(Instant::now() + COURTESY);
        self.parking.park(|| self.load().is_urgent(), deadline);
    }

    /// Waits until the access is admitted or `deadline` has passed. The access must have been refused for a reason other
    /// than its own thread's. A write that is [`Manner::Patient`] has later readers step back for it.
    pub(crate) fn wait(
        &self,
        registry: &Registry,
        open: Open,
        kind: AccessKind,
        manner: Manner,
        deadline: Instant,
        evidence: impl Fn() -> Answer + Copy,
    ) -> Wait {
        let mut turns = 0;
        loop {
            let word = self.load();
            match word.regime() {
                Regime::Owned | Regime::SharedRead => {
                    if !word.lends_to(kind, open.ledger().number()) {
                        self.revoke(registry, word);
                        return Wait::Revoked;
                    } else if self.try_published(open, kind, Phase::Waiting, evidence) {
                        return Wait::Admitted(Hold::Published);
                    }
                }
                Regime::Revoking => stand_by(&mut turns),
                Regime::Degraded => match self.wait_for_lock(kind, deadline) {
                    Attempt::Admitted => {
                        open.set_phase(Phase::Locked);
                        return Wait::Admitted(Hold::Locked);
                    }
                    Attempt::Retry => {}
                    Attempt::Blocked => return Wait::TimedOut,
                },
                Regime::Counted if !word.excludes(kind) => {
                    if self.try_count(word, open, kind) {
                        return Wait::Admitted(Hold::Counted);
                    }
                }
                Regime::Counted if passed(deadline) => {
                    self.drop_urgency();
                    return Wait::TimedOut;
                }
                Regime::Counted => {
                    let urgent = kind == AccessKind::Write && manner == Manner::Patient;
                    let marked = if urgent { word.urgent() } else { word.contended() };
                    if word == marked || self.exchange(word, marked) {
                        self.sleep(kind, deadline);
                    }
                }
            }
        }
    }

    /// Readers need not step back any longer for a writer that gives up, or has waited so long that it should not slow them
    /// down for ever.
    fn drop_urgency(&self) {
        loop {
            let word = self.load();
            if !word.is_urgent() || self.exchange(word, word.unhurried()) {
                return;
            }
        }
    }

    /// Sleeps while the word is marked as contended and excludes the access.
    fn sleep(&self, kind: AccessKind, deadline: Instant) {
        let blocked = || {
            let word = self.load();
            word.is_contended() && word.excludes(kind)
        };
        self.parking.park(blocked, Some(deadline));
    }

    /// Lets an access out. Where somebody was refused while it was inside, `evidence` is made and handed over; the gate
    /// is free by then.
    #[inline]
    pub(crate) fn leave(&self, open: Open, hold: Hold, evidence: impl Fn() -> Answer) {
        match hold {
            Hold::Published => self.leave_published(open, evidence),
            Hold::Counted => {
                open.set_phase(Phase::Leaving);
                self.leave_count(open, evidence);
                open.close();
            }
            Hold::Locked => {
                open.set_phase(Phase::Leaving);
                self.unlock(open.kind());
                open.close();
            }
        }
    }

    /// Takes an access off the word, and answers who asked about it.
    fn leave_count(&self, open: Open, evidence: impl Fn() -> Answer) {
        let before = self.uncount(open.kind(), open.ledger());
        self.after_count(before, open, evidence);
    }

    /// Takes an access of this ledger off the word; the word as it was before.
    fn uncount(&self, kind: AccessKind, ledger: &Ledger) -> Word {
        // Release: pairs with the Acquire in `load` and `exchange`: what this access did happens before the next one. No
        // Acquire is needed to find the question behind the contended bit: were this thread first at the lock of the
        // ledger's questions, its departure would happen before the asker's `exchange`, and could not have read the bit
        // from it.
        Word(self.word.fetch_sub(Word::share(kind, ledger.number()), Ordering::Release))
    }

    fn after_count(&self, before: Word, open: Open, evidence: impl Fn() -> Answer) {
        if before.is_contended() {
            self.leave_contended(open, evidence);
        }
    }

    #[cold]
    fn leave_contended(&self, open: Open, evidence: impl Fn() -> Answer) {
        self.wake_if_vacant();
        open.ledger().answer(open.sequence(), evidence);
    }

    /// Wakes everyone who waits for the word to change, if nobody is inside by the count.
    fn wake_if_vacant(&self) {
        loop {
            let word = self.load();
            if !word.is_vacant() {
                // Whoever is inside sees the contended bit as it leaves, or entered after the bit was cleared, and then
                // whoever cleared it wakes the sleepers.
                return;
            }
            if word == word.calm() || self.exchange(word, word.calm()) {
                break;
            }
        }
        self.parking.unpark_all();
    }

    /// In the child of a fork: takes off the gate what threads of the parent process held. Whether there was anything.
    ///
    /// A write that runs entirely inside the collection (`insert`, `clear`, ...) may have been caught half-way, and its
    /// contents with it: that one stays inside for ever, and everyone is refused. Guards are forgiven: whoever forks takes
    /// on what the parent's threads were doing with the values they had lent.
    pub(crate) fn forgive_lost(&self, registry: &Registry) -> bool {
        let identity = self.identity();
        let lost: Vec<_> = registry.ledgers().filter(|ledger| ledger.tenancy() == Tenancy::Lost).collect();
        let mut forgiven = false;
        for ledger in &lost {
            for kind in ledger.take_lost_counts(identity) {
                self.uncount(kind, ledger);
                forgiven = true;
            }
        }
        for seen in lost.into_iter().flat_map(|ledger| ledger.entries()) {
            let Entry { gate, access, phase, .. } = seen.entry;
            let torn = access.kind() == AccessKind::Write && !access.operation.only_lends();
            if gate != identity || torn || !phase.is_inside() || !seen.slot.vacate_lost(&seen.entry) {
                continue;
            }
            match phase {
                Phase::Locked => self.unlock(access.kind()),
                _ => drop(self.uncount(access.kind(), seen.ledger)),
            }
            forgiven = true;
        }
        if forgiven {
            self.wake_if_vacant();
        }
        forgiven
    }
}

enum Challenge {
    /// The holder was inside while the gate was marked.
    Met { holder: Sighting, inquiry: Arc<Inquiry> },
    /// The gate has changed since it was looked at.
    Changed,
    /// Nobody in the ledgers is certainly inside: somebody is between two instructions.
    Unseen,
}

/// Waits for another thread to finish what takes it microseconds. After some turns it sleeps, since a thread of higher
/// priority that only yields would keep the other from finishing.
fn stand_by(turns: &mut u32) {
    *turns += 1;
    if *turns > 100 && !cfg!(checkedmap_loom) {
        std::thread::sleep(Duration::from_micros(50));
    } else {
        yield_now();
    }
}

/// Loom has no clock: a model's waits end by being admitted.
fn passed(deadline: Instant) -> bool {
    !cfg!(checkedmap_loom) && Instant::now() >= deadline
}

/// Whether accesses may be let in by being published: there is a heavy fence to revoke that with.
fn can_publish() -> bool {
    #[cfg(not(checkedmap_loom))]
    return crate::config::may_use_membarrier() && crate::sync::membarrier::is_available();
    #[cfg(checkedmap_loom)]
    return true;
}

/// Keeps the process from forking with a revocation half done: the child would lack the thread to finish it.
fn hold_back_forks() -> impl Sized {
    #[cfg(not(checkedmap_loom))]
    return crate::fork::hold_back();
    #[cfg(checkedmap_loom)]
    return;
}

fn now() -> Instant {
    Instant::now()
}
