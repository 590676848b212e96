//! The owned and the shared-read regime: accesses that are inside by being published.
//!
//! # Protocol
//!
//! In these regimes an access does not touch the word. It is published in its thread's ledger; a light fence; it loads the
//! word, and if that lends to it, it is inside. It leaves by closing its slot; a light fence; and a look at the ledger's
//! `wanted`.
//!
//! Whoever is in the way of such a word *revokes* it:
//!
//! 1. it changes the word to `revoking`, which admits nobody;
//! 2. it marks the ledgers concerned as `wanted`, the owner's or all that are in use;
//! 3. a heavy fence;
//! 4. it looks through these ledgers and counts every published access to this gate that the regime could have let in:
//!    its phase goes from `Published` to `Counted` by a compare-and-swap, its share is added to the word, and its sequence is
//!    put on its ledger's list, all under the list's lock;
//! 5. it takes the marks back, but for the accesses it has counted, and changes the word to `counted`.
//!
//! From then on the gate is an ordinary counted one, with the accesses that were inside counted in its word.
//!
//! # Argument
//!
//! *Nobody is missed.* This is Dekker's argument with an asymmetric fence. Take an access that loaded the word before step 1
//! changed it and so is inside. Its publication precedes its load, with a light fence in between, and the heavy fence of
//! step 3 comes after step 1: so step 4 sees the publication, unless the access has closed its slot by then. A ledger
//! that step 2 did not see, because it was added or taken meanwhile, is met when step 2 is repeated after the fence, until
//! there are none.
//!
//! *Nobody is forgotten.* If step 4 counts an access, the access closes its slot, or changes its phase, after step 4's
//! compare-and-swap, hence after the heavy fence; its light fence then makes it see the mark of step 2, so it looks at the list,
//! finds itself there, and takes its share off the word.
//!
//! *Nobody is counted for nothing for long.* Step 4 may count an access that is published but was not let in, since it loaded the
//! word after step 1. That access is at the door. Whatever it does next, it changes its phase and looks for the mark: before it
//! asks to be counted, and after it was counted without asking.
//!
//! The accesses that are let in by the word read it with Acquire from whoever made it owned or shared-read, who had
//! acquired it from the last writer to leave. The revoker reads each closed slot with Acquire, so what the accesses gone
//! did happens before what follows.

use std::collections::HashSet;
use std::time::Instant;

use super::habit::Turn;
use super::{Gate, Hold, Regime, Word};
use crate::access::AccessKind;
use crate::conflict::inquiry::Answer;
use crate::ledger::{Ledger, Open, Phase, Registry, Slot, Tenancy};
use crate::sync::{Ordering, heavy_fence, light_fence};

impl Gate {
    /// Whether an access of this ledger, which has just been published as the only open one of its thread, is inside by that.
    /// If it is, [`Gate::leave_alone`] lets it out; if not, it goes on with [`Gate::try_enter`].
    ///
    /// `identity` is what it was published under: the gate's number, or 0 where the thread did not see one yet. The owner has
    /// seen it, since its ledger became the gate's owner by an access that carried it.
    #[inline]
    pub(crate) fn lends_at_once(&self, identity: u64, kind: AccessKind, ledger: &Ledger) -> bool {
        light_fence();
        let word = self.load();
        word.is_lent_to(ledger)
            || (kind == AccessKind::Read && word.is_shared_read() && identity != 0 && ledger.wears_badge())
    }

    /// Lets in the only open access of its thread, if nothing at all is in its way. Does not look for a reason if something
    /// is: then the access goes on with [`Gate::try_enter`].
    #[inline]
    pub(crate) fn try_enter_free(&self, open: Open, kind: AccessKind) -> Option<Hold> {
        debug_assert!(open.is_published_or_counted(), "else a revocation would not count it");
        light_fence();
        let word = self.load();
        if word.lends_to(kind, open.ledger().number()) {
            Some(Hold::Published)
        } else if word.is_free_for(kind) {
            self.try_count_free(word, open, kind)
        } else {
            None
        }
    }

    /// Counts a published access, or makes the gate one that need not count it.
    #[inline]
    fn try_count_free(&self, word: Word, open: Open, kind: AccessKind) -> Option<Hold> {
        let turn = self.habit.note(kind, open.ledger().number());
        if turn != Turn::Count && self.settle_down(word, open, turn) {
            return Some(Hold::Published);
        }
        if !self.try_count(word, open, kind) {
            return None;
        }
        light_fence();
        if open.is_wanted() {
            // Counted twice, it is inside all the same, and answers who asks as it leaves.
            let _ = self.take_off_count(open);
        }
        Some(Hold::Counted)
    }

    /// Leaves the counted regime, with the published access `open` inside.
    #[cold]
    fn settle_down(&self, word: Word, open: Open, turn: Turn) -> bool {
        if !can_publish() {
            self.habit.give_up();
            return false;
        }
        // Before the exchange: whoever revokes the regime at once must find when it began.
        self.habit.settled(now());
        match turn {
            Turn::Own => self.try_own(word, open),
            Turn::Share => self.try_share(word),
            Turn::Count => false,
        }
    }

    /// Makes the ledger of `open` the owner of the free gate.
    pub(super) fn try_own(&self, word: Word, open: Open) -> bool {
        word.0 == Word::FREE && self.exchange(word, Word::owned(open.ledger().number()))
    }

    /// Lets reads in without being counted, the calling thread's published read among them.
    pub(super) fn try_share(&self, word: Word) -> bool {
        word.is_free_for(AccessKind::Read) && word == word.calm() && self.exchange(word, word.shared_read())
    }

    /// Tries once more to be inside by being published.
    pub(super) fn try_published(
        &self,
        open: Open,
        kind: AccessKind,
        otherwise: Phase,
        evidence: impl Fn() -> Answer,
    ) -> bool {
        open.set_phase(Phase::Published);
        light_fence();
        if self.load().lends_to(kind, open.ledger().number()) {
            return true;
        }
        self.retract(open, otherwise, evidence);
        false
    }

    /// Changes the phase of a published access to one in which being published does not let it in.
    pub(crate) fn retract(&self, open: Open, phase: Phase, evidence: impl Fn() -> Answer) {
        open.set_phase(phase);
        light_fence();
        self.settle_if_wanted(open, evidence);
    }

    /// Lets out the access in this slot, which was inside by [`Gate::lends_at_once`].
    #[inline]
    pub(crate) fn leave_alone(&self, slot: &'static Slot, evidence: impl Fn() -> Answer) {
        let open = Open::close_alone(slot);
        light_fence();
        self.settle_if_wanted(open, evidence);
    }

    /// Lets out an access that is inside by being published.
    pub(super) fn leave_published(&self, open: Open, evidence: impl Fn() -> Answer) {
        open.close();
        light_fence();
        self.settle_if_wanted(open, evidence);
    }

    #[inline]
    pub(super) fn settle_if_wanted(&self, open: Open, evidence: impl Fn() -> Answer) {
        if open.is_wanted() {
            self.settle(open, evidence);
        }
    }

    /// Gives up what a revocation has counted for this access.
    #[cold]
    fn settle(&self, open: Open, evidence: impl Fn() -> Answer) {
        if let Some(before) = self.take_off_count(open) {
            self.after_count(before, open, evidence);
        }
    }

    /// Takes off the word what a revocation has counted for this access; the word as it was before. Forks are held back for
    /// these steps alone: evidence runs the program's code, which may fork.
    #[cold]
    fn take_off_count(&self, open: Open) -> Option<Word> {
        let _held_back = hold_back_forks();
        open.take_counted().map(|kind| self.uncount(kind, open.ledger()))
    }

    /// Makes an owned or shared-read gate a counted one. Returns at once if somebody else has changed the word.
    #[cold]
    pub(super) fn revoke(&self, registry: &Registry, word: Word) {
        let _held_back = hold_back_forks();
        let began = now();
        if !self.exchange(word, word.revoking()) {
            return;
        }
        match word.owner() {
            Some(number) => self.count_published(registry.find(number).into_iter().collect()),
            None => self.count_published_reads(registry),
        }
        loop {
            let word = self.load();
            debug_assert_eq!(word.regime(), Regime::Revoking, "only the revoker ends a revocation");
            if self.exchange(word, word.counted()) {
                break;
            }
        }
        let now = now();
        let from = if word.owner().is_some() { Turn::Own } else { Turn::Share };
        self.habit.revoked(from, now, now - began);
    }

    fn count_published(&self, ledgers: Vec<&'static Ledger>) {
        ledgers.iter().for_each(|ledger| ledger.start_looking());
        heavy_fence();
        self.count_marked(&ledgers, |_| true);
    }

    fn count_published_reads(&self, registry: &Registry) {
        let mut marked: Vec<&'static Ledger> = Vec::new();
        let mut numbers = HashSet::new();
        let mut fenced = false;
        loop {
            // Nobody is inside through a free ledger; who takes it from now on is met in the next round, or sees the word.
            let in_use = registry.ledgers().filter(|ledger| ledger.tenancy() != Tenancy::Free);
            let new: Vec<_> = in_use.filter(|ledger| numbers.insert(ledger.number())).collect();
            if new.is_empty() && fenced {
                break;
            }
            new.iter().for_each(|ledger| ledger.start_looking());
            heavy_fence();
            fenced = true;
            marked.extend(new);
        }
        self.count_marked(&marked, |kind| kind == AccessKind::Read);
    }

    fn count_marked(&self, ledgers: &[&'static Ledger], could_be_inside: impl Fn(AccessKind) -> bool) {
        let identity = self.identity();
        for ledger in ledgers {
            ledger.count_published(identity, &could_be_inside, |kind| {
                // Relaxed: the exchange that ends the revocation publishes the counts.
                self.word.fetch_add(Word::share(kind, ledger.number()), Ordering::Relaxed);
            });
            ledger.stop_looking();
        }
    }
}

/// Whether accesses may be let in by being published: there is a heavy fence to revoke that with.
pub(super) fn can_publish() -> bool {
    #[cfg(not(checkedmap_loom))]
    return crate::config::may_use_membarrier() && crate::sync::membarrier::is_available();
    #[cfg(checkedmap_loom)]
    return true;
}

/// Keeps the process from forking with a revocation, or the like of it, half done: the child would lack the thread to finish it.
pub(super) fn hold_back_forks() -> impl Sized {
    #[cfg(not(checkedmap_loom))]
    return crate::fork::hold_back();
    #[cfg(checkedmap_loom)]
    return;
}

fn now() -> Instant {
    Instant::now()
}
