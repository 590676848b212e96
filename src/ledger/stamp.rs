//! The layout of a slot's stamp: which access, what it does, and how far it has got.
//!
//! ```text
//!  63  62                        11 10        3 2      0
//! +---+----------------------------+-----------+-------+
//! | s |        sequence (52)       | op (8)    | phase |
//! +---+----------------------------+-----------+-------+
//! ```
//!
//! The sequence grows with every access of a ledger and is never used twice. The mark `s` says that the access is not in the
//! ledger's first slot.

use crate::access::Operation;

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
const SEQUENCE_SHIFT: u32 = 11;
const SPILLED: u64 = 1 << 63;

/// One value of a slot's stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

impl Stamp {
    /// Of a slot that was never used.
    pub(super) const UNUSED: u64 = 0;

    #[inline]
    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    #[inline]
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    /// The stamp of an access in the first slot, still vacant.
    #[inline]
    pub(super) fn first(sequence: u64, operation: Operation) -> Self {
        Self(sequence << SEQUENCE_SHIFT & !SPILLED | (operation as u64) << OPERATION_SHIFT)
    }

    /// The stamp of an access in any other slot, still vacant.
    pub(super) fn spilled(sequence: u64, operation: Operation) -> Self {
        Self(Self::first(sequence, operation).0 | SPILLED)
    }

    #[inline]
    pub(super) fn is_spilled(self) -> bool {
        self.0 & SPILLED != 0
    }

    #[inline]
    pub(super) fn with_phase(self, phase: Phase) -> Self {
        Self(self.0 & !PHASE | phase as u64)
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

    /// The access's number in its ledger.
    #[inline]
    pub(crate) fn sequence(self) -> u64 {
        (self.0 & !SPILLED) >> SEQUENCE_SHIFT
    }

    pub(super) fn operation(self) -> Option<Operation> {
        Operation::from_u8((self.0 >> OPERATION_SHIFT) as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHASES: [Phase; 7] =
        [Phase::Vacant, Phase::Published, Phase::Waiting, Phase::Counted, Phase::Locked, Phase::Leaving, Phase::Asking];

    #[test]
    fn every_part_survives_the_others() {
        for sequence in [1, (1 << 52) - 1] {
            for operation in [Operation::ReadGuard, Operation::Drop] {
                for phase in PHASES {
                    let first = Stamp::first(sequence, operation).with_phase(phase);
                    let spilled = Stamp::spilled(sequence, operation).with_phase(phase);
                    for stamp in [first, spilled] {
                        assert_eq!((stamp.phase(), stamp.operation()), (phase, Some(operation)));
                        assert_eq!(stamp.sequence(), sequence);
                        assert_eq!(stamp.is_vacant(), phase == Phase::Vacant);
                    }
                    assert!(spilled.is_spilled() && !first.is_spilled());
                }
            }
        }
    }
}
