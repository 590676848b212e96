//! The account of one class of findings: what was detected, folded, handed over and settled.
//!
//! Conflicts and suspects have one each. A flood in one class takes no number, window or place in the queue from the other.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::time::{Instant, SystemTime};

use super::coalesce::Coalescer;
use super::{Books, Verdict};

/// Reports of one class handed over and not delivered yet. An observation is a few kilobytes; a reporter this far behind is
/// behind a sink that does not keep up, and more memory would not help it.
pub(super) const CAPACITY: usize = 1024;

/// Which account a report belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Conflict,
    Suspect,
}

/// See the module's page. Guarded by the reporter's lock.
pub(super) struct Account<K> {
    pub(super) coalescer: Coalescer<K>,
    /// All but `queued`, which is the number of open reports.
    books: Books,
    /// Numbers of reports detected and not settled.
    open: BTreeSet<u64>,
    /// Reports handed over and not settled.
    backlog: usize,
}

impl<K> Default for Account<K> {
    fn default() -> Self {
        Self { coalescer: Coalescer::default(), books: Books::default(), open: BTreeSet::new(), backlog: 0 }
    }
}

impl<K: Copy + Eq + Hash> Account<K> {
    pub(super) fn books(&self) -> Books {
        Books { queued: self.open.len() as u64, ..self.books }
    }

    /// How many reports are open.
    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    /// How many reports up to this number are open.
    pub(super) fn open_up_to(&self, number: u64) -> usize {
        self.open.range(..=number).count()
    }

    /// Whether every report up to this number is settled.
    pub(super) fn is_settled_up_to(&self, number: u64) -> bool {
        self.open.first().is_none_or(|oldest| *oldest > number)
    }

    pub(super) fn detect(&mut self, key: K, now: Instant, at: SystemTime) -> Verdict {
        let verdict = self.coalescer.detect(key, now, at);
        self.books.detected += 1;
        match verdict {
            Verdict::First(number) => {
                self.open.insert(number);
            }
            Verdict::Repeat { .. } => self.books.coalesced += 1,
        }
        verdict
    }

    /// Takes a report into the queue's count, or drops it for lack of room; says which.
    pub(super) fn admit(&mut self, number: u64) -> bool {
        self.adopt(number);
        if self.backlog >= CAPACITY {
            self.settle(number, false);
            return false;
        }
        self.backlog += 1;
        true
    }

    /// Settles a report that was in the queue.
    pub(super) fn leave(&mut self, number: u64, delivered: bool) {
        self.backlog -= 1;
        self.settle(number, delivered);
    }

    fn settle(&mut self, number: u64, delivered: bool) {
        if self.open.remove(&number) {
            let term = if delivered { &mut self.books.delivered } else { &mut self.books.dropped };
            *term += 1;
        }
    }

    /// Takes responsibility for a report detected before a `fork`, of which the child's books have not heard.
    fn adopt(&mut self, number: u64) {
        if self.open.insert(number) {
            self.books.detected += 1;
            self.coalescer.skip_to(number);
        }
    }
}
