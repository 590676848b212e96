//! The last few accesses of one map.

use crate::access::{Access, exclude};

/// Accesses of a map that are remembered: those of a few threads at a few places. What is further back is further off.
pub(super) const DEPTH: usize = 8;

/// An access as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) thread: u64,
    pub(super) access: Access,
    /// The access's number, the same in every run.
    pub(super) spot: u64,
    /// When, in nanoseconds of the monotonic clock.
    pub(super) at: u64,
}

/// What an access has met.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Met {
    /// Accesses by other threads within the window that exclude this one, latest first.
    pub(super) near: Vec<Seen>,
    /// The access right before it, where that was another thread's.
    pub(super) handed_over: Option<Seen>,
}

/// Latest first.
#[derive(Debug, Default)]
pub(super) struct History(Vec<Seen>);

impl Seen {
    fn is_like(&self, other: &Self) -> bool {
        self.thread == other.thread && self.spot == other.spot
    }
}

impl History {
    /// When the latest access was.
    pub(super) fn latest(&self) -> Option<u64> {
        self.0.first().map(|seen| seen.at)
    }

    /// Where an access like this one is remembered.
    pub(super) fn find(&mut self, visitor: &Seen) -> Option<&mut Seen> {
        self.0.iter_mut().find(|seen| seen.is_like(visitor))
    }

    pub(super) fn visit(&mut self, visitor: Seen, window: u64) -> Met {
        let others = || self.0.iter().filter(|seen| seen.thread != visitor.thread);
        let near = others().filter(|seen| {
            exclude(seen.access.kind(), visitor.access.kind()) && visitor.at.saturating_sub(seen.at) <= window
        });
        let met = Met {
            near: near.copied().collect(),
            handed_over: self.0.first().filter(|seen| seen.thread != visitor.thread).copied(),
        };
        let place = self.0.iter().position(|seen| seen.is_like(&visitor)).unwrap_or(self.0.len());
        if place == self.0.len() {
            self.0.truncate(DEPTH - 1);
            self.0.push(visitor);
        }
        let last = place.min(self.0.len() - 1);
        self.0[..=last].rotate_right(1);
        self.0[0] = visitor;
        met
    }
}
