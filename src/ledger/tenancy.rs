//! Who has a ledger: which thread of which process took it, and how it was given up.
//!
//! A ledger outlives its thread. It is free for another once no access is open in it, so that what is published there is
//! always that of one thread.

use std::sync::Arc;

use super::{LOCK_PATIENCE, Ledger, Stamp, try_hold_back_forks};
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

/// A [`Tenancy`] with the process of the thread that took the ledger: one word, so that a child of `fork` never sees a
/// thread of its own with the process of the ledger's last tenant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Lease(u64);

impl Lease {
    pub(super) const fn new(tenancy: Tenancy, process: u32) -> Self {
        Self((process as u64) << 32 | tenancy as u64)
    }

    pub(super) const fn bits(self) -> u64 {
        self.0
    }

    fn tenancy(self) -> Tenancy {
        match self.0 as u32 {
            1 => Tenancy::Taken,
            2 => Tenancy::Ended,
            3 => Tenancy::Lost,
            _ => Tenancy::Free,
        }
    }

    fn process(self) -> u32 {
        (self.0 >> 32) as u32
    }

    fn with(self, tenancy: Tenancy) -> Self {
        Self::new(tenancy, self.process())
    }
}

impl Ledger {
    pub(crate) fn tenancy(&self) -> Tenancy {
        self.read_lease().tenancy()
    }

    fn read_lease(&self) -> Lease {
        // Acquire: pairs with the Release in `end` and the AcqRel in `exchange`: the accesses of the thread
        // that gave the ledger up are closed.
        Lease(self.lease.load(Ordering::Acquire))
    }

    fn exchange(&self, from: Lease, to: Lease) -> bool {
        // AcqRel: Acquire pairs with the Release in `end`, or with another claimant's exchange; Release with the Acquire in
        // `read_lease`.
        self.lease.compare_exchange(from.0, to.0, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// The thread that makes the accesses published here, as reports name it. By its id alone while a fork is coming, as in
    /// [`Ledger::ask`].
    pub(crate) fn thread_info(&self) -> ThreadInfo {
        let held_back = try_hold_back_forks();
        let name = held_back.and_then(|_held_back| self.read_name());
        // Relaxed: a report's text; the accesses themselves are validated by their stamps.
        let id = self.thread.load(Ordering::Relaxed);
        ThreadInfo { id, name, ended: matches!(self.tenancy(), Tenancy::Ended | Tenancy::Lost) }
    }

    fn read_name(&self) -> Option<Arc<str>> {
        self.name.try_lock_for(LOCK_PATIENCE)?.clone()
    }

    /// [`Ledger::thread_info`], asked by the thread itself: whatever the ledger's tenancy, it has not ended.
    pub(crate) fn thread_info_of_caller(&self) -> ThreadInfo {
        ThreadInfo { id: self.thread_id(), name: self.read_name(), ended: false }
    }

    pub(crate) fn thread_id(&self) -> u64 {
        // Relaxed: as in `thread_info`.
        self.thread.load(Ordering::Relaxed)
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
        let lease = self.read_lease();
        let vacant = match lease.tenancy() {
            Tenancy::Free => true,
            Tenancy::Ended => !self.has_open_access(),
            Tenancy::Taken | Tenancy::Lost => false,
        };
        if !vacant {
            return false;
        }
        let taken = Lease::new(Tenancy::Taken, std::process::id());
        if !self.exchange(lease, taken) {
            return false;
        }
        // Between the look and the exchange another thread may have come and ended here, leaving an access open.
        if self.has_open_access() {
            self.exchange(taken, taken.with(Tenancy::Ended));
            return false;
        }
        true
    }

    /// Gives the ledger up: at once, or, with accesses still open, when the last of them closes.
    pub(crate) fn end(&'static self) {
        let tenancy = if self.has_open_access() { Tenancy::Ended } else { Tenancy::Free };
        let lease = self.read_lease().with(tenancy);
        // Release: pairs with the Acquire in `read_lease` and the claim: everything this thread published comes before.
        self.lease.store(lease.bits(), Ordering::Release);
    }

    /// In a child of `fork`, which is `process`: keeps the ledger if the forking thread took it, as `before` or by its id here,
    /// `thread`, or one that this process has already. Else its thread does not exist. Atomics only, as a fork handler must.
    pub(crate) fn cross_fork(&self, process: u32, before: u64, thread: u64) {
        loop {
            let lease = self.read_lease();
            if matches!(lease.tenancy(), Tenancy::Free | Tenancy::Lost) || lease.process() == process {
                return;
            }
            let is_own = [before, thread].contains(&self.thread_id());
            let tenancy = if is_own { lease.tenancy() } else { Tenancy::Lost };
            // A thread of this process may take it at the same time, if it has ended.
            if self.exchange(lease, Lease::new(tenancy, process)) {
                if is_own {
                    // Relaxed: a report's text.
                    self.thread.store(thread, Ordering::Relaxed);
                }
                return;
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn lose(&self) {
        let lost = self.read_lease().with(Tenancy::Lost);
        self.lease.store(lost.bits(), Ordering::Release);
    }
}
