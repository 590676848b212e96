//! The accounts of every finding.

use std::fmt;

/// What became of every finding of one class so far, all terms of one instant.
///
/// Conflicts have books of their own, [`books`](super::books()), and so have suspects,
/// [`stale::books`](crate::stale::books).
///
/// At every instant `detected == delivered + coalesced + dropped + queued`, and `queued` is 0 after a
/// [`flush`](super::flush()). The terms change under the one lock which also guards what they count, and are read under it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Books {
    /// Findings seen.
    pub detected: u64,
    /// Reports that at least one sink took, or that nobody wanted: with no sink at all they count as delivered.
    pub delivered: u64,
    /// Findings folded into a report of the same map, kind and sites.
    pub coalesced: u64,
    /// Reports lost to a full queue, or to sinks that all panicked.
    pub dropped: u64,
    /// Reports on their way.
    pub queued: u64,
}

impl Books {
    /// Whether every finding is accounted for.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.detected == self.delivered + self.coalesced + self.dropped + self.queued
    }
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { detected, delivered, coalesced, dropped, queued } = self;
        write!(
            f,
            "detected {detected} = delivered {delivered} + coalesced {coalesced} + dropped {dropped} + queued {queued}"
        )
    }
}
