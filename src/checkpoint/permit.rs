//! Proof of having been admitted, and what is handed over at its end.

use std::marker::PhantomData;
use std::time::SystemTime;

use super::Checkpoint;
use super::admission::Admission;
use super::trail::Trail;
use crate::access::{Access, Operation, Site};
use crate::config::{self, Backtrace};
use crate::conflict::inquiry::Answer;
use crate::conflict::trace::RawTrace;
use crate::context;
use crate::gate::Manner;
use crate::ledger::{Open, current};

/// Proof of having been admitted; dropping it leaves the gate.
pub(crate) struct Permit<'a> {
    checkpoint: &'a Checkpoint,
    admission: Admission,
    /// A permit stays on its thread: reports name that thread, and the degraded lock is the thread's.
    stays: PhantomData<*const ()>,
}

impl<'a> Permit<'a> {
    /// Another read of the same collection, by the calling thread, which need not be the one that holds this permit.
    #[track_caller]
    pub(crate) fn read_again(&self, operation: Operation) -> Permit<'a> {
        let access = Access::here(operation);
        match self.checkpoint.begin(None, access, Manner::BesideRead) {
            Ok(admission) => self.checkpoint.permit(admission),
            Err(_) => unreachable!("no write is inside, or waits for the lock's sake, while this permit's read is"),
        }
    }

    #[inline(always)]
    pub(super) fn is_watched(&self) -> bool {
        self.admission.is_watched()
    }

    /// What [`Checkpoint::permit`] makes a permit of. The access stays open.
    #[inline(always)]
    pub(super) fn into_words(self) -> (&'a Checkpoint, Admission) {
        let words = (self.checkpoint, self.admission);
        std::mem::forget(self);
        words
    }

    #[inline(always)]
    pub(super) fn checkpoint(&self) -> &'a Checkpoint {
        self.checkpoint
    }

    #[cfg(test)]
    pub(crate) fn open(&self) -> Open {
        Open::in_slot(self.admission.slot)
    }

    /// The trail this access leaves.
    #[inline]
    pub(crate) fn trail(&self, site: Site) -> Trail {
        Trail::new(Open::in_slot(self.admission.slot), site)
    }
}

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.admission.is_at_once() {
            self.checkpoint.gate.leave_alone(self.admission.slot, evidence);
        } else {
            self.checkpoint.leave(self.admission);
        }
    }
}

impl Checkpoint {
    #[inline]
    pub(super) fn permit(&self, admission: Admission) -> Permit<'_> {
        Permit { checkpoint: self, admission, stays: PhantomData }
    }

    /// Lets a permit out that is no plain one. Its words, not its address, so that the permit can stay in registers.
    #[inline(never)]
    fn leave(&self, admission: Admission) {
        let open = Open::in_slot(admission.slot);
        if admission.is_traced() {
            open.ledger().forget_entry_trace(open.sequence());
        }
        self.gate.leave(open, admission.hold(), evidence);
        current::closed(open);
    }
}

/// What a holder hands over as it leaves.
#[cold]
pub(super) fn evidence() -> Answer {
    // Before the walk, which takes milliseconds the first time in a process.
    let left = SystemTime::now();
    let trace = (config::backtrace() != Backtrace::Off).then(RawTrace::capture);
    Answer { trace, left, context: context::current() }
}
