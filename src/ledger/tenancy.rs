//! Who has a ledger: which thread took it, and how it was given up.
//!
//! A ledger outlives its thread. It is free for another once no access is open in it, so that what is published there is
//! always that of one thread.

use std::sync::Arc;

use super::{LOCK_PATIENCE, Ledger, Stamp};
use crate::conflict::ThreadInfo;
use crate::sync::Ordering;

/// Who uses a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Tenancy {
    /// Nobody.
    Free = 0,
    /// A running thread.
    Taken = 1,
    /// A thread that has ended, or is about to, with accesses still open. Free again when the last of them closes.
    Ended = 2,
    /// A thread of the process this one was forked from. Its accesses hold nothing here.
    Lost = 3,
}

impl Ledger {
    pub(crate) fn tenancy(&self) -> Tenancy {
        // Acquire: pairs with the Release in `end` and the AcqRel in `take`: the accesses of the thread
        // that gave the ledger up are closed.
        match self.tenancy.load(Ordering::Acquire) {
            1 => Tenancy::Taken,
            2 => Tenancy::Ended,
            3 => Tenancy::Lost,
            _ => Tenancy::Free,
        }
    }

    /// The thread that makes the accesses published here, as reports name it.
    pub(crate) fn thread_info(&self) -> ThreadInfo {
        let name = self.name.try_lock_for(LOCK_PATIENCE).and_then(|name| name.clone());
        // Relaxed: a report's text; the accesses themselves are validated by their stamps.
        let id = self.thread.load(Ordering::Relaxed);
        ThreadInfo { id, name, ended: matches!(self.tenancy(), Tenancy::Ended | Tenancy::Lost) }
    }

    /// [`Ledger::thread_info`], asked by the thread itself: whatever the ledger's tenancy, it has not ended.
    pub(crate) fn thread_info_of_caller(&self) -> ThreadInfo {
        ThreadInfo { ended: false, ..self.thread_info() }
    }

    pub(crate) fn thread_id(&self) -> u64 {
        // Relaxed: as in `thread_info`.
        self.thread.load(Ordering::Relaxed)
    }

    /// In the child of a fork: the forking thread has a new id.
    pub(crate) fn set_thread_id(&self, id: u64) {
        // Relaxed: a report's text.
        self.thread.store(id, Ordering::Relaxed);
    }

    /// Whether the access `sequence` was made by the thread that has the ledger now.
    pub(crate) fn is_of_current_owner(&self, sequence: u64) -> bool {
        let since = if Stamp::is_of_spilled(sequence) {
            Stamp::spilled_sequence(self.spills_since.load(Ordering::Relaxed))
        } else {
            self.since.load(Ordering::Relaxed)
        };
        // Relaxed: a report's text.
        sequence > since
    }

    /// Takes the ledger for the calling thread, which has claimed it.
    pub(super) fn move_in(&self, id: u64, name: Option<Arc<str>>) {
        // Relaxed: published with the first access.
        self.thread.store(id, Ordering::Relaxed);
        self.since.store(self.first.own_stamp().sequence(), Ordering::Relaxed);
        self.spills_since.store(self.spills.load(Ordering::Relaxed), Ordering::Relaxed);
        self.spilled.store(0, Ordering::Relaxed);
        if let Some(mut slot) = self.name.try_lock_for(LOCK_PATIENCE) {
            *slot = name;
        }
        if let Some(mut inquiries) = self.inquiries.try_lock_for(LOCK_PATIENCE) {
            inquiries.clear();
        }
    }

    /// Takes the ledger for a new thread, if nobody uses it. Whether this call took it.
    pub(super) fn take(&'static self) -> bool {
        let tenancy = self.tenancy();
        let vacant = tenancy == Tenancy::Free || (tenancy == Tenancy::Ended && !self.has_open_access());
        // AcqRel: Acquire pairs with the Release in `end`, or with another claimant's exchange; Release with the Acquire in
        // `tenancy`.
        let exchange = |from: Tenancy, to: Tenancy| {
            self.tenancy.compare_exchange(from as u32, to as u32, Ordering::AcqRel, Ordering::Relaxed).is_ok()
        };
        if !vacant || !exchange(tenancy, Tenancy::Taken) {
            return false;
        }
        // Between the look and the exchange another thread may have come and ended here, leaving an access open.
        if self.has_open_access() {
            exchange(Tenancy::Taken, Tenancy::Ended);
            return false;
        }
        true
    }

    /// Gives the ledger up: at once, or, with accesses still open, when the last of them closes.
    pub(crate) fn end(&'static self) {
        let tenancy = if self.has_open_access() { Tenancy::Ended } else { Tenancy::Free };
        // Release: pairs with the Acquire in `tenancy` and the claim: everything this thread published comes before.
        self.tenancy.store(tenancy as u32, Ordering::Release);
    }

    /// In the child of a fork: this ledger's thread does not exist. Only stores, as a fork handler must.
    pub(crate) fn lose(&self) {
        // Release: pairs with the Acquire in `tenancy`.
        self.tenancy.store(Tenancy::Lost as u32, Ordering::Release);
    }
}
