//! What an access that has left is remembered by.

use crate::access::{Access, Site};
use crate::conflict::{Party, ThreadInfo};
use crate::ledger::Open;

/// Which access changed a collection last, in plain words that outlive it.
#[derive(Clone, Copy)]
pub(crate) struct Trail {
    open: Open,
    site: Site,
}

impl Trail {
    #[inline]
    pub(super) fn new(open: Open, site: Site) -> Self {
        Self { open, site }
    }

    /// The access that left it.
    #[inline]
    pub(crate) fn open(self) -> Open {
        self.open
    }

    pub(super) fn party(self) -> Party {
        let (ledger, access) = (self.open.ledger(), Access::new(self.open.operation(), self.site));
        let thread = if ledger.is_of_current_owner(self.open.sequence()) {
            ledger.thread_info()
        } else {
            ThreadInfo { id: 0, name: None, ended: true }
        };
        Party { access, thread }
    }
}
