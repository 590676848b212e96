//! What the hunter keeps for each thread.

use super::budget::Account;

/// Counters of a thread: as many as keep different accesses apart, mostly. Where two share one, both still draw the same
/// numbers in every run.
const COUNTERS: usize = 256;

/// What the hunter keeps for each thread.
pub(super) struct Tracks {
    /// When its last access was, or ended where it was delayed; 0 before the first.
    pub(super) last: u64,
    pub(super) account: Account,
    occurrences: [u64; COUNTERS],
}

impl Tracks {
    pub(super) fn new() -> Self {
        Self { last: 0, account: Account::default(), occurrences: [0; COUNTERS] }
    }

    /// How often the thread has come to this spot, this time included.
    pub(super) fn count(&mut self, spot: u64) -> u64 {
        let counter = &mut self.occurrences[spot as usize % COUNTERS];
        *counter += 1;
        *counter
    }
}
