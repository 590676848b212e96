//! Whom an access that is watched for stale checks tells, and the ways in that tell.

use super::Checkpoint;
use super::admission::Admission;
use super::permit::Permit;
use crate::access::Access;
use crate::conflict::Conflict;
use crate::stale::{Act, Seen, Suspect};

/// Whom an access that is watched for stale checks tells what it does. It is no permit, so that the permit's address need
/// not be passed on: one whose address is could not stay in registers.
#[derive(Clone, Copy)]
pub(crate) struct Watcher<'a> {
    pub(super) checkpoint: &'a Checkpoint,
    pub(super) access: Access,
}

impl Watcher<'_> {
    /// Remembers what a lookup of a key found. The caller is inside.
    pub(crate) fn saw(self, hash: u64, seen: Seen) {
        self.checkpoint.vitals().watch.look(hash, seen, self.access);
    }

    /// Remembers what the access does to a key, and says what is suspect of it. The caller is inside.
    pub(crate) fn did(self, hash: u64, act: Act) -> Option<Suspect> {
        self.checkpoint.vitals().watch.act(hash, act, self.access, || self.checkpoint.subject())
    }
}

impl Checkpoint {
    /// [`Checkpoint::enter_as`] for an access by key, which tells the watcher what it finds, if there is one. It does so
    /// on the slow way, which all accesses take that are watched: the fast one has nothing to ask. What is `carried`
    /// goes through `tell` by value: a key whose address is passed on could not stay in registers either.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn enter_telling<T>(
        &self,
        access: Access,
        carried: T,
        tell: impl FnOnce(Watcher<'_>, T) -> T,
    ) -> (Permit<'_>, T) {
        match self.enter_at_once(access) {
            Ok(admission) => (self.permit(admission), carried),
            Err(published) => {
                let permit = self.permit(self.enter_slow(published, access));
                let carried = match permit.watcher(access) {
                    Some(watcher) => tell(watcher, carried),
                    None => carried,
                };
                (permit, carried)
            }
        }
    }

    /// [`Checkpoint::enter_telling`] for a lookup, which carries nothing.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn enter_looking(&self, access: Access, tell: impl FnOnce(Watcher<'_>)) -> Permit<'_> {
        self.enter_telling(access, (), |watcher, ()| tell(watcher)).0
    }

    /// [`Checkpoint::try_enter`] as [`Checkpoint::enter_telling`].
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub(crate) fn try_enter_telling<T: Default>(
        &self,
        access: Access,
        tell: impl FnOnce(Watcher<'_>) -> T,
    ) -> Result<(Permit<'_>, T), Conflict> {
        match self.enter_at_once(access) {
            Ok(admission) => Ok((self.permit(admission), T::default())),
            Err(published) => {
                let permit = self.permit(self.try_enter_slow(published, access)?);
                let told = permit.watcher(access).map(tell).unwrap_or_default();
                Ok((permit, told))
            }
        }
    }

    /// For stale checks: an access to the whole map may be one that shows its caller, or changes, any key.
    pub(super) fn note_whole(&self, admission: Admission, access: Access) {
        if admission.is_watched() {
            self.vitals().watch.whole(access);
        }
    }
}
