//! The sink: it puts what the library tells into the outbox.

use std::sync::Arc;
use std::time::Duration;

use checkedmap::report::{Repeat, Report, Suspect, SuspectRepeat};

use crate::outbox::Outbox;
use crate::parcel::Content;

/// What the library hands reports to.
pub(crate) struct Receiver {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) bound: Duration,
}

impl Receiver {
    /// The outbox, in the process that exports.
    fn own(&self) -> Option<&Outbox> {
        (!self.outbox.is_foreign()).then_some(&*self.outbox)
    }

    fn push(&self, content: impl FnOnce() -> Content) {
        if let Some(outbox) = self.own() {
            outbox.push(content());
        }
    }
}

impl checkedmap::Sink for Receiver {
    fn report(&self, report: &Report) {
        self.push(|| Content::Report(Arc::new(report.clone())));
    }

    fn repeated(&self, repeat: &Repeat) {
        self.push(|| Content::Repeat(Arc::new(repeat.clone())));
    }

    fn suspect(&self, suspect: &Suspect) {
        self.push(|| Content::Suspect(Arc::new(suspect.clone())));
    }

    fn suspect_repeated(&self, repeat: &SuspectRepeat) {
        self.push(|| Content::SuspectRepeat(Arc::new(repeat.clone())));
    }

    fn flush(&self) {
        if let Some(outbox) = self.own() {
            outbox.flush(self.bound);
        }
    }
}
