//! The counted regime: the word counts who is inside. Every gate begins in it, and comes back to it from the others.
//!
//! # Protocol
//!
//! An access is published in its thread's ledger first (phase `Published`, or `Asking`), then counted in the gate's
//! [`word`](super::word) by a compare-and-swap, then marked `Counted` in the ledger. It leaves in the opposite order:
//! `Leaving`, off the word, gone. So what the word counts is always in some ledger, and what a ledger shows as `Counted`
//! is counted in the word.
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

use std::sync::Arc;

use super::{Gate, Regime, Word};
use crate::access::AccessKind;
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::ledger::{Ledger, Open, Phase, Registry, Sighting};
use crate::sync::Ordering;

/// What a contender came to that looked for the access in its way.
pub(super) enum Challenge {
    /// The holder was inside while the gate was marked.
    Met { holder: Sighting, inquiry: Arc<Inquiry> },
    /// The gate has changed since it was looked at.
    Changed,
    /// Nobody in the ledgers is certainly inside: somebody is between two instructions.
    Unseen,
}

impl Gate {
    /// Adds the access to the count of `word`.
    #[inline]
    pub(super) fn try_count(&self, word: Word, open: Open, kind: AccessKind) -> bool {
        let Some(new) = word.entered(kind, open.ledger().number()) else { return false };
        if !self.exchange(word, new) {
            return false;
        }
        open.set_phase(Phase::Counted);
        true
    }

    /// Counts an access that has asked, if nothing has come in its way meanwhile.
    pub(super) fn try_count_again(&self, open: Open, kind: AccessKind, nested: bool) -> bool {
        let word = self.load();
        let counts = word.regime() == Regime::Counted || (nested && word.regime() == Regime::Degraded);
        assert!(!word.is_full(), "more than 16,777,215 reads of one collection are open at once");
        counts && !word.excludes(kind) && self.try_count(word, open, kind)
    }

    /// Names an access that is inside according to `word`, and marks the gate as contended while it is.
    pub(super) fn challenge(&self, registry: &Registry, open: Open, word: Word) -> Challenge {
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
        // Not before that was seen: who lingers and is woken leaves, and would not be met any more.
        #[cfg(not(checkedmap_loom))]
        super::wake_lingering();
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

    /// Takes an access off the word, and answers who asked about it.
    pub(super) fn leave_count(&self, open: Open, evidence: impl Fn() -> Answer) {
        let before = self.uncount(open.kind(), open.ledger());
        self.after_count(before, open, evidence);
    }

    /// Takes an access of this ledger off the word; the word as it was before.
    pub(super) fn uncount(&self, kind: AccessKind, ledger: &Ledger) -> Word {
        // Release: pairs with the Acquire in `load` and `exchange`: what this access did happens before the next one. No
        // Acquire is needed to find the question behind the contended bit: were this thread first at the lock of the
        // ledger's questions, its departure would happen before the asker's `exchange`, and could not have read the bit
        // from it.
        Word(self.word.fetch_sub(Word::share(kind, ledger.number()), Ordering::Release))
    }

    pub(super) fn after_count(&self, before: Word, open: Open, evidence: impl Fn() -> Answer) {
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
    pub(super) fn wake_if_vacant(&self) {
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
}
