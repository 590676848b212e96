//! The evidence about an access that its ledger keeps for the other side of a conflict: the questions put to it, which it
//! answers as it ends, and its stack of entry.

use std::sync::Arc;

use super::{LOCK_PATIENCE, Ledger, try_hold_back_forks};
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::conflict::trace::RawTrace;

impl Ledger {
    /// Puts a question to the access `inquiry` names. To be seen for certain it is put before the gate is marked as
    /// contended.
    ///
    /// Not put while a fork is coming: the child could not unlock what this locks, which is the forking thread's perhaps.
    pub(crate) fn ask(&self, inquiry: Arc<Inquiry>) {
        let Some(_held_back) = try_hold_back_forks() else { return };
        if let Some(mut inquiries) = self.inquiries.try_lock_for(LOCK_PATIENCE) {
            inquiries.retain(|other| !other.is_withdrawn());
            inquiries.push(inquiry);
        }
    }

    /// Whether anything was asked about the access `sequence`, which is open, whatever has become of the question.
    pub(crate) fn is_asked(&self, sequence: u64) -> bool {
        let inquiries = self.inquiries.try_lock_for(LOCK_PATIENCE);
        inquiries.is_some_and(|inquiries| inquiries.iter().any(|inquiry| inquiry.sequence() == sequence))
    }

    /// Answers what was asked about the access `sequence`. `answer` is made only if somebody waits for it.
    pub(crate) fn answer(&self, sequence: u64, answer: impl FnOnce() -> Answer) {
        let mut asked = Vec::new();
        if let Some(mut inquiries) = self.inquiries.try_lock_for(LOCK_PATIENCE) {
            inquiries.retain(|inquiry| {
                if inquiry.sequence() == sequence {
                    asked.push(Arc::clone(inquiry));
                }
                inquiry.sequence() != sequence && !inquiry.is_withdrawn()
            });
        }
        asked.retain(|inquiry| !inquiry.is_withdrawn());
        if !asked.is_empty() {
            let answer = answer();
            for inquiry in asked {
                inquiry.answer(answer.clone());
            }
        }
    }

    pub(crate) fn keep_entry_trace(&self, sequence: u64, trace: RawTrace) {
        if let Some(mut traces) = self.entry_traces.try_lock_for(LOCK_PATIENCE) {
            traces.push((sequence, trace));
        }
    }

    pub(crate) fn forget_entry_trace(&self, sequence: u64) -> Option<RawTrace> {
        let mut traces = self.entry_traces.try_lock_for(LOCK_PATIENCE)?;
        let place = traces.iter().position(|(other, _)| *other == sequence)?;
        Some(traces.swap_remove(place).1)
    }
}
