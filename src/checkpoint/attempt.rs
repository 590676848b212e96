//! A published access that is not admitted yet.

use super::admission::Admission;
use crate::access::Access;
use crate::config::{self, Backtrace};
use crate::conflict::trace::RawTrace;
use crate::gate::Hold;
use crate::ledger::{Open, current};

/// A published access that is not admitted yet. Dropping it takes it back.
pub(super) struct Attempt {
    pub(super) open: Open,
    pub(super) access: Access,
    traced: bool,
    watched: bool,
}

impl Attempt {
    pub(super) fn begin(open: Open, access: Access, watched: bool) -> Self {
        let traced = config::backtrace() == Backtrace::Always;
        if traced {
            open.ledger().keep_entry_trace(open.sequence(), RawTrace::capture());
        }
        Self { open, access, traced, watched }
    }

    pub(super) fn admitted(self, hold: Hold) -> Admission {
        let admission = Admission::new(self.open, hold, self.traced);
        let watched = self.watched;
        std::mem::forget(self);
        if watched { admission.watched() } else { admission }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.traced {
            self.open.ledger().forget_entry_trace(self.open.sequence());
        }
        current::close(self.open);
    }
}
