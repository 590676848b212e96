//! The layout of a gate's word: pure packing and unpacking.
//!
//! ```text
//!  63            32 31              8 7    5    4          3      2   0
//! +----------------+-----------------+------+--------+-----------+-----+
//! | writer (32)    | readers (24)    |  -   | urgent | contended | tag |
//! +----------------+-----------------+------+--------+-----------+-----+
//! ```
//!
//! | field | meaning |
//! |---|---|
//! | tag | the [`Regime`]: 0 counted, 1 degraded, 2 owned, 3 shared-read, 4 revoking |
//! | contended | somebody was refused since the gate was last free: whoever leaves looks for questions and sleepers |
//! | urgent | a writer has waited long: readers that come now step back for a moment |
//! | readers | how many reads are inside by the count |
//! | writer | the number of the ledger whose write is inside by the count, or 0; in the owned regime, of the owner's ledger |
//!
//! Writer and readers are never both non-zero, save that a revocation in progress counts what it finds. A degraded or
//! shared-read gate keeps both fields for the accesses that were inside by the count before, and they leave as if nothing
//! had happened. A gate that is free and counted is the word 0, so an untouched gate needs no set-up.

use crate::access::AccessKind;
use crate::ledger::Ledger;

/// How a gate admits right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regime {
    /// By compare-and-swap on the word.
    Counted,
    /// By the reader-writer lock.
    Degraded,
    /// One ledger's accesses by being published; nobody else's.
    Owned,
    /// Anybody's reads by being published; no writes.
    SharedRead,
    /// Nobody: published accesses are being counted.
    Revoking,
}

/// The word of a gate that is owned by the ledger of this number.
pub(crate) fn badge(ledger: u32) -> u64 {
    Word::owned(ledger).0
}

const TAG: u64 = 0b111;
const COUNTED: u64 = 0;
const DEGRADED: u64 = 1;
const OWNED: u64 = 2;
const SHARED_READ: u64 = 3;
const REVOKING: u64 = 4;
const CONTENDED: u64 = 1 << 3;
const URGENT: u64 = 1 << 4;
const READER: u64 = 1 << 8;
const READERS: u64 = ((1 << 24) - 1) << 8;
const WRITER_SHIFT: u32 = 32;

/// One value of a gate's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(pub(super) u64);

impl Word {
    pub(super) const FREE: u64 = COUNTED;

    #[inline]
    pub(super) fn regime(self) -> Regime {
        match self.0 & TAG {
            DEGRADED => Regime::Degraded,
            OWNED => Regime::Owned,
            SHARED_READ => Regime::SharedRead,
            REVOKING => Regime::Revoking,
            _ => Regime::Counted,
        }
    }

    /// Whether a published access of this ledger is inside by that alone.
    pub(super) fn lends_to(self, kind: AccessKind, ledger: u32) -> bool {
        self == Self::owned(ledger) || (self.is_shared_read() && kind == AccessKind::Read)
    }

    /// Whether the gate is this ledger's, as far as its badge tells.
    #[inline]
    pub(super) fn is_lent_to(self, ledger: &Ledger) -> bool {
        self.0 == ledger.badge()
    }

    #[inline]
    pub(super) fn is_shared_read(self) -> bool {
        self.0 & TAG == SHARED_READ
    }

    /// The free gate's word, owned by this ledger.
    pub(super) fn owned(ledger: u32) -> Self {
        Self(OWNED | u64::from(ledger) << WRITER_SHIFT)
    }

    /// The ledger that owns the gate.
    pub(super) fn owner(self) -> Option<u32> {
        (self.0 & TAG == OWNED).then_some((self.0 >> WRITER_SHIFT) as u32)
    }

    /// This counted word, with reads let in by being published from now on.
    pub(super) fn shared_read(self) -> Self {
        Self(self.0 & !TAG | SHARED_READ)
    }

    /// This owned or shared-read word while published accesses are counted.
    pub(super) fn revoking(self) -> Self {
        match self.owner() {
            Some(_) => Self(REVOKING),
            None => Self(self.0 & !TAG | REVOKING),
        }
    }

    /// This word in the counted regime.
    pub(super) fn counted(self) -> Self {
        Self(self.0 & !TAG | COUNTED)
    }

    /// Whether an access of this kind can be counted without a second look.
    #[inline]
    pub(super) fn is_free_for(self, kind: AccessKind) -> bool {
        match kind {
            AccessKind::Read => self.0 & (TAG | URGENT | !0 << WRITER_SHIFT) == COUNTED,
            AccessKind::Write => self.0 == Self::FREE,
        }
    }

    /// The ledger number of the writer inside by the count.
    #[inline]
    pub(super) fn writer(self) -> Option<u32> {
        let number = (self.0 >> WRITER_SHIFT) as u32;
        (number != 0).then_some(number)
    }

    #[cfg(test)]
    pub(super) fn readers(self) -> u64 {
        (self.0 & READERS) / READER
    }

    #[inline]
    pub(super) fn is_contended(self) -> bool {
        self.0 & CONTENDED != 0
    }

    #[inline]
    pub(super) fn is_urgent(self) -> bool {
        self.0 & URGENT != 0
    }

    /// Nobody is inside by the count.
    pub(super) fn is_vacant(self) -> bool {
        self.0 & (READERS | !0 << WRITER_SHIFT) == 0
    }

    /// Whether what is inside by the count excludes an access of this kind.
    pub(super) fn excludes(self, kind: AccessKind) -> bool {
        match kind {
            AccessKind::Read => self.writer().is_some(),
            AccessKind::Write => !self.is_vacant(),
        }
    }

    /// This word with one more access inside; `None` where the count is full.
    #[inline]
    pub(super) fn entered(self, kind: AccessKind, ledger: u32) -> Option<Self> {
        match kind {
            AccessKind::Read => (self.0 & READERS != READERS).then_some(Self(self.0 + READER)),
            AccessKind::Write => Some(Self(self.0 | u64::from(ledger) << WRITER_SHIFT)),
        }
    }

    /// Whether the count of readers is used up.
    pub(super) fn is_full(self) -> bool {
        self.0 & READERS == READERS
    }

    /// What one access has added to the word.
    #[inline]
    pub(super) fn share(kind: AccessKind, ledger: u32) -> u64 {
        match kind {
            AccessKind::Read => READER,
            AccessKind::Write => u64::from(ledger) << WRITER_SHIFT,
        }
    }

    pub(super) fn contended(self) -> Self {
        Self(self.0 | CONTENDED)
    }

    pub(super) fn urgent(self) -> Self {
        Self(self.0 | CONTENDED | URGENT)
    }

    /// This word with no writer that readers step back for.
    pub(super) fn unhurried(self) -> Self {
        Self(self.0 & !URGENT)
    }

    /// This word once its waiters have been told to look again.
    pub(super) fn calm(self) -> Self {
        Self(self.0 & !(CONTENDED | URGENT))
    }

    pub(super) fn degraded(self) -> Self {
        Self(self.0 & !TAG | DEGRADED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: u32 = u32::MAX;

    #[test]
    fn entering_and_leaving_cancel_out() {
        for kind in [AccessKind::Read, AccessKind::Write] {
            for start in [Word(Word::FREE), Word(Word::FREE).urgent(), Word(Word::FREE).degraded()] {
                let inside = start.entered(kind, ME).unwrap();
                assert!(!inside.is_vacant());
                assert!(inside.excludes(AccessKind::Write));
                assert_eq!(inside.excludes(AccessKind::Read), kind == AccessKind::Write);
                assert_eq!(Word(inside.0 - Word::share(kind, ME)), start);
            }
        }
    }

    #[test]
    fn an_owned_word_lends_to_its_owner_alone() {
        let word = Word::owned(ME);
        assert_eq!((word.regime(), word.owner()), (Regime::Owned, Some(ME)));
        for kind in [AccessKind::Read, AccessKind::Write] {
            assert!(word.lends_to(kind, ME));
            assert!(!word.lends_to(kind, 1));
            assert!(!word.is_free_for(kind));
        }
        assert!(word.revoking().is_vacant());
        assert_eq!(word.revoking().counted(), Word(Word::FREE));
    }

    #[test]
    fn a_shared_read_word_lends_to_readers_and_keeps_its_count() {
        let word = Word(READER * 2).shared_read();
        assert!(word.lends_to(AccessKind::Read, 1) && word.lends_to(AccessKind::Read, ME));
        assert!(!word.lends_to(AccessKind::Write, 1));
        assert!(!word.is_free_for(AccessKind::Read), "a read is published there, not counted");
        assert_eq!(word.revoking().readers(), 2);
        assert!(!word.revoking().lends_to(AccessKind::Read, 1));
        assert_eq!(word.revoking().counted(), Word(READER * 2));
    }

    #[test]
    fn a_full_count_admits_no_more() {
        let full = Word(READERS);
        assert_eq!(full.readers(), (1 << 24) - 1);
        assert_eq!(full.entered(AccessKind::Read, ME), None);
        assert_eq!(full.writer(), None);
    }

    #[test]
    fn flags_do_not_touch_the_counts() {
        let word = Word(READER * 3).urgent().degraded();
        assert_eq!((word.readers(), word.writer(), word.regime()), (3, None, Regime::Degraded));
        assert!(word.is_contended() && word.is_urgent());
        assert_eq!(word.calm(), Word(READER * 3).degraded());
    }
}
