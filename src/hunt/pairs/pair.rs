//! Two accesses that came close to each other, and what is known of them.

use super::side::Side;
use crate::hunt::place::Place;
use crate::hunt::spot::Spot;

/// See the module's page.
#[derive(Clone, Debug)]
pub(in crate::hunt) struct Pair {
    /// Where the map was made.
    pub(in crate::hunt) made: Place,
    /// What the map is called.
    pub(in crate::hunt) label: String,
    /// In the order of their keys.
    pub(in crate::hunt) spots: [Spot; 2],
    pub(in crate::hunt) sides: [Side; 2],
    /// Times the two came within the window.
    pub(in crate::hunt) near_misses: u64,
    /// Times a thread made one of the two right after another thread had made the other.
    pub(in crate::hunt) hand_overs: u64,
    /// The shortest time between the two, in nanoseconds, as far as near misses tell.
    pub(in crate::hunt) closest: Option<u64>,
    /// Delays made for it.
    pub(in crate::hunt) delays: u64,
    /// It has been reported, in this run or an earlier one.
    pub(in crate::hunt) known: bool,
    /// It was in the plan.
    pub(in crate::hunt) planned: bool,
    /// When it was last seen: a count of the table's changes.
    pub(super) touched: u64,
}

impl Pair {
    pub(in crate::hunt) fn new(made: Place, label: String, spots: [Spot; 2]) -> Self {
        Self {
            made,
            label,
            spots,
            sides: [Side::Idle; 2],
            near_misses: 0,
            hand_overs: 0,
            closest: None,
            delays: 0,
            known: false,
            planned: false,
            touched: 0,
        }
    }

    pub(super) fn is_armed(&self) -> bool {
        self.sides.iter().any(|side| matches!(side, Side::Armed { .. }))
    }

    /// The longest delay that is still to be tried, in nanoseconds.
    pub(in crate::hunt) fn next_delay(&self) -> Option<u64> {
        let lengths = self.sides.iter().filter_map(|side| match side {
            Side::Armed { length, .. } => Some(*length),
            _ => None,
        });
        lengths.max()
    }

    /// What it is worth to keep it: least first.
    pub(super) fn worth(&self) -> (u8, u64) {
        let rank = if self.known {
            3
        } else if self.is_armed() {
            2
        } else {
            // Where it was forgotten that delays are in vain, they would begin anew.
            u8::from(self.sides != [Side::Idle; 2])
        };
        (rank, self.touched)
    }
}
