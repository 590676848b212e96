//! What is hoped of a delay at one of a pair's two spots.

/// What a delay without a catch leaves of a side's chance.
const DECAY: f64 = 0.7;

/// A side whose chance is smaller is given up: after nine delays in vain.
const HOPELESS: f64 = 0.05;

/// How many delays must be seen to hold the other side up before the two count as ordered: one may be a coincidence.
const ORDERED_AFTER: u32 = 2;

/// Delays that held the other side up. However many threads each of them did, it counts once: they may all have been idle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::hunt) struct HeldUpBy {
    delays: u32,
    /// The number of the latest.
    latest: u64,
}

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
        held_up: HeldUpBy,
    },
    /// The other side seems to wait until this one is through.
    Ordered,
    /// Delays here have been in vain.
    Spent,
}

impl Side {
    /// Nobody walked into a delay here, of which there was this `part`. Whether the side is given up for it.
    pub(super) fn decay(&mut self, part: f64, longest: u64) -> bool {
        let Self::Armed { chance, length, .. } = self else { return false };
        *chance *= DECAY.powf(part.min(1.0));
        if part >= 1.0 {
            *length = length.saturating_mul(2).min(longest).max(*length);
        }
        let hopeless = *chance < HOPELESS;
        if hopeless {
            *self = Self::Spent;
        }
        hopeless
    }

    /// The delay `number`, here, held up the other side. Whether the two count as ordered from now on.
    pub(super) fn hold_up(&mut self, number: u64) -> bool {
        let Self::Armed { held_up, .. } = self else { return false };
        if number <= held_up.latest {
            return false;
        }
        *held_up = HeldUpBy { delays: held_up.delays + 1, latest: number };
        let ordered = held_up.delays >= ORDERED_AFTER;
        if ordered {
            *self = Self::Ordered;
        }
        ordered
    }
}
