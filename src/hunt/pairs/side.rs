//! What is hoped of a delay at one of a pair's two spots.

/// What a delay without a catch leaves of a side's chance.
const DECAY: f64 = 0.7;

/// A side whose chance is smaller is given up: after nine delays in vain.
const HOPELESS: f64 = 0.05;

/// How often the other side must be seen held up before the two count as ordered: once may be a coincidence.
const ORDERED_AFTER: u32 = 2;

/// What is hoped of a delay at one spot of a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::hunt) enum Side {
    /// No near miss has been seen.
    Idle,
    Armed {
        /// How likely a delay is made here, from 0 to 1.
        chance: f64,
        /// How long the next delay is, in nanoseconds.
        length: u64,
        /// How often the other side was held up.
        held_up: u32,
    },
    /// The other side waits until this one is through.
    Ordered,
    /// Delays here have been in vain.
    Spent,
}

impl Side {
    /// Nobody walked into a delay here. Whether the side is given up for it.
    pub(super) fn decay(&mut self, longest: u64) -> bool {
        let Self::Armed { chance, length, .. } = self else { return false };
        *chance *= DECAY;
        *length = length.saturating_mul(2).min(longest).max(*length);
        let hopeless = *chance < HOPELESS;
        if hopeless {
            *self = Self::Spent;
        }
        hopeless
    }

    /// A delay here held up the other side. Whether the two count as ordered from now on.
    pub(super) fn hold_up(&mut self) -> bool {
        let Self::Armed { held_up, .. } = self else { return false };
        *held_up += 1;
        let ordered = *held_up >= ORDERED_AFTER;
        if ordered {
            *self = Self::Ordered;
        }
        ordered
    }
}
