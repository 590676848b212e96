//! Whom an access that is watched for stale checks tells what it has done.

use super::Checkpoint;
use super::admission::Admission;
use super::permit::Permit;
use crate::access::Access;
use crate::stale::{Act, Seen, Suspect};

/// Whom an access that is watched for stale checks tells what it has done. It is no permit, so that the permit's address need
/// not be passed on: one whose address is could not stay in registers.
#[derive(Clone, Copy)]
pub(crate) struct Watcher<'a> {
    checkpoint: &'a Checkpoint,
    access: Access,
}

impl Watcher<'_> {
    /// Remembers what a lookup of a key has found. The caller is inside.
    pub(crate) fn saw(self, hash: u64, seen: Seen) {
        self.checkpoint.vitals().watch.look(hash, seen, self.access, self.checkpoint.name());
    }

    /// Remembers what the access has done to a key, and says what is suspect of it. The caller is inside.
    pub(crate) fn did(self, hash: u64, act: Act) -> Option<Suspect> {
        let Self { checkpoint, access } = self;
        checkpoint.vitals().watch.act(hash, act, access, checkpoint.name(), || checkpoint.subject())
    }
}

impl<'a> Permit<'a> {
    /// Who is to be told what the access does to single keys, if anybody: nobody is by accesses of the fast path.
    #[inline(always)]
    pub(crate) fn watcher(&self, access: Access) -> Option<Watcher<'a>> {
        self.is_watched().then_some(Watcher { checkpoint: self.checkpoint(), access })
    }

    /// Runs `work` with the access open, off the fast path. The permit goes along word by word, so that it need not have an
    /// address where it is dropped if `work` panics: it could not stay in registers.
    #[inline(always)]
    pub(crate) fn aside<R>(self, work: impl FnOnce() -> R) -> (Self, R) {
        #[cold]
        #[inline(never)]
        fn run<R>(checkpoint: &Checkpoint, admission: Admission, work: impl FnOnce() -> R) -> R {
            let permit = checkpoint.permit(admission);
            let result = work();
            permit.into_words();
            result
        }
        let (checkpoint, admission) = self.into_words();
        let result = run(checkpoint, admission, work);
        (checkpoint.permit(admission), result)
    }

    /// The entry that the access has opened, and that was vacant, is filled.
    #[inline(always)]
    pub(crate) fn filled(&self) {
        if self.is_watched() {
            self.checkpoint().note_filled();
        }
    }
}

impl Checkpoint {
    #[cold]
    fn note_filled(&self) {
        self.vitals().watch.fill();
    }

    /// For stale checks: an access to the whole map may be one that shows its caller, or changes, any key. `is_step` says that
    /// it goes on with a walk.
    pub(super) fn note_whole(&self, admission: Admission, access: Access, is_step: bool) {
        if admission.is_watched() {
            self.vitals().watch.whole(access, is_step, self.name());
        }
    }
}
