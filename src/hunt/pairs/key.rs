//! A pair's name in the table of pairs.

/// A pair's name in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::hunt) struct Key {
    /// Where the map was made.
    pub(super) map: u64,
    pub(super) spots: [u64; 2],
}

impl Key {
    pub(in crate::hunt) fn new(map: u64, one: u64, other: u64) -> Self {
        Self { map, spots: [one.min(other), one.max(other)] }
    }

    /// Which of the two sides this spot is. Two accesses from one spot have one side between them.
    pub(super) fn side(&self, spot: u64) -> usize {
        usize::from(self.spots[0] != spot)
    }

    pub(super) fn sides(&self) -> std::ops::RangeInclusive<usize> {
        0..=self.side(self.spots[1])
    }
}
