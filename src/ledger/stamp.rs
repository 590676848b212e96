//! The layout of a slot's stamp: which access, what it does, and how far it has got.
//!
//! ```text
//!  63                        11  10  9         3 2      0
//! +----------------------------+---+-----------+-------+
//! |        sequence (53)       | s |  op (7)   | phase |
//! +----------------------------+---+-----------+-------+
//! ```
//!
//! The mark `s` says that the access is not in the ledger's first slot. With the mark, no two accesses of a ledger have the same
//! sequence: the first slot counts its own, the ledger all others. A vacant stamp keeps its sequence and has nothing else,
//! from which the first slot goes on.

use crate::access::{AccessKind, Operation};

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

const PHASE: u64 = 0b111;
const OPERATION_SHIFT: u32 = 3;
const OPERATION: u64 = (1 << 7) - 1;
const SEQUENCE_SHIFT: u32 = 11;
const SPILLED: u64 = 1 << 10;
/// Where the mark is in what [`Stamp::sequence`] returns.
const SPILLED_ABOVE: u32 = 64 - SEQUENCE_SHIFT;
const ACCESS: u64 = (1 << SEQUENCE_SHIFT) - 1;

/// One value of a slot's stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// Of a slot that was never used.
    pub(super) const UNUSED: u64 = 0;

    /// Of a slot that nobody uses, and nobody can.
    #[cfg(not(checkedmap_loom))]
    pub(super) const OCCUPIED: u64 = Phase::Asking as u64;

    #[inline]
    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    #[inline]
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    /// The stamp of the access after this one, which has ended, in the first slot.
    #[inline]
    pub(super) fn next(self, operation: Operation, phase: Phase) -> Self {
        debug_assert!(self.0 & ACCESS == 0, "the access before has ended");
        let step = 1 << SEQUENCE_SHIFT | (operation as u64) << OPERATION_SHIFT | phase as u64;
        Self(self.0.wrapping_add(step))
    }

    /// The stamp of an access in any other slot.
    pub(super) fn spilled(sequence: u64, operation: Operation, phase: Phase) -> Self {
        Self(sequence << SEQUENCE_SHIFT | SPILLED | (operation as u64) << OPERATION_SHIFT | phase as u64)
    }

    #[inline]
    pub(super) fn is_spilled(self) -> bool {
        self.0 & SPILLED != 0
    }

    /// This stamp in another phase, which is not [`Phase::Vacant`].
    #[inline]
    pub(super) fn with_phase(self, phase: Phase) -> Self {
        debug_assert!(phase != Phase::Vacant, "see `vacated`");
        Self(self.0 & !PHASE | phase as u64)
    }

    /// This stamp when its access has ended.
    #[inline]
    pub(super) fn vacated(self) -> Self {
        Self(self.0 & !ACCESS)
    }

    #[inline]
    pub(super) fn phase(self) -> Phase {
        match self.0 & PHASE {
            1 => Phase::Published,
            2 => Phase::Waiting,
            3 => Phase::Counted,
            4 => Phase::Locked,
            5 => Phase::Leaving,
            6 => Phase::Asking,
            _ => Phase::Vacant,
        }
    }

    #[inline]
    pub(super) fn is_vacant(self) -> bool {
        self.0 & PHASE == 0
    }

    /// The access's number in its ledger: the sequence, with the mark above it, so that the first slot's come first.
    #[inline]
    pub(crate) fn sequence(self) -> u64 {
        self.nth() | (self.0 & SPILLED) << (SPILLED_ABOVE - SPILLED.trailing_zeros())
    }

    /// How many accesses the slot's count had come to with this one.
    pub(super) fn nth(self) -> u64 {
        self.0 >> SEQUENCE_SHIFT
    }

    /// The sequence of the access that was a ledger's `nth` in another slot than the first.
    pub(super) fn spilled_sequence(nth: u64) -> u64 {
        Self(nth << SEQUENCE_SHIFT | SPILLED).sequence()
    }

    /// Whether the access of this sequence was in another slot than the first.
    pub(super) fn is_of_spilled(sequence: u64) -> bool {
        sequence >> SPILLED_ABOVE != 0
    }

    pub(super) fn operation(self) -> Option<Operation> {
        Operation::from_u8(self.operation_number())
    }

    #[inline]
    pub(super) fn kind(self) -> AccessKind {
        Operation::kind_of_u8(self.operation_number())
    }

    #[inline]
    fn operation_number(self) -> u8 {
        (self.0 >> OPERATION_SHIFT & OPERATION) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHASES: [Phase; 7] =
        [Phase::Vacant, Phase::Published, Phase::Waiting, Phase::Counted, Phase::Locked, Phase::Leaving, Phase::Asking];

    #[test]
    fn every_part_survives_the_others() {
        for sequence in [1, (1 << 53) - 1] {
            for operation in [Operation::ReadGuard, Operation::Drop] {
                for phase in PHASES.into_iter().filter(|phase| *phase != Phase::Vacant) {
                    let before = Stamp::from_bits((sequence - 1) << SEQUENCE_SHIFT);
                    let first = before.next(operation, Phase::Asking).with_phase(phase);
                    let spilled = Stamp::spilled(sequence, operation, Phase::Asking).with_phase(phase);
                    for stamp in [first, spilled] {
                        assert_eq!((stamp.phase(), stamp.operation()), (phase, Some(operation)));
                        assert!(!stamp.is_vacant() && stamp.vacated().is_vacant());
                        assert_eq!(stamp.vacated().nth(), sequence);
                    }
                    assert_eq!(first.sequence(), sequence);
                    assert_eq!(spilled.sequence(), Stamp::spilled_sequence(sequence));
                    assert!(Stamp::is_of_spilled(spilled.sequence()) && !Stamp::is_of_spilled(first.sequence()));
                    assert!(spilled.is_spilled() && !first.is_spilled());
                }
            }
        }
    }

    #[test]
    fn the_first_slot_starts_again_after_its_last_number() {
        let last = Stamp::from_bits(((1 << 53) - 1) << SEQUENCE_SHIFT);
        let next = last.next(Operation::Drop, Phase::Published);
        assert_eq!((next.nth(), next.operation(), next.is_spilled()), (0, Some(Operation::Drop), false));
    }
}
