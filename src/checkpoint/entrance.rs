//! The ways in that wait for nobody, the fast path first.

use super::Checkpoint;
use super::admission::Admission;
use super::attempt::Attempt;
use super::permit::{Permit, evidence};
use super::refused::Insistence;
use crate::access::{Access, AccessKind, Operation};
use crate::config;
use crate::conflict::Conflict;
use crate::context;
use crate::gate::{Hold, Manner, Refusal, Regime};
use crate::hunt;
use crate::ledger::current::{self, REGISTRY};
use crate::ledger::{Ledger, Open, Slot};

impl Checkpoint {
    /// Lets the caller in, or does what the mode says.
    ///
    /// # Panics
    ///
    /// On a conflict in `panic` mode; on a re-entrant conflict or a wait cycle in every mode.
    #[inline]
    #[track_caller]
    pub(crate) fn enter(&self, operation: Operation) -> Permit<'_> {
        self.enter_as(Access::here(operation))
    }

    /// [`Checkpoint::enter`] for an access whose site is known.
    #[inline]
    #[track_caller]
    pub(crate) fn enter_as(&self, access: Access) -> Permit<'_> {
        let admission = match self.enter_at_once(access) {
            Ok(admission) => admission,
            Err(published) => self.enter_slow(published, access),
        };
        self.permit(admission)
    }

    #[cold]
    #[track_caller]
    pub(super) fn enter_slow(&self, published: Option<&'static Slot>, access: Access) -> Admission {
        match self.enter_alone(published, access.kind()) {
            Some(admission) => admission,
            None => self.insist(published, access, false),
        }
    }

    /// [`Checkpoint::enter_as`] for a step of a walk that has begun with the same access.
    #[inline]
    #[track_caller]
    pub(crate) fn enter_again(&self, access: Access) -> Permit<'_> {
        let admission = match self.enter_at_once(access) {
            Ok(admission) => admission,
            Err(published) => self.enter_slow_again(published, access),
        };
        self.permit(admission)
    }

    #[cold]
    #[track_caller]
    fn enter_slow_again(&self, published: Option<&'static Slot>, access: Access) -> Admission {
        match self.enter_alone(published, access.kind()) {
            Some(admission) => admission,
            None => self.insist(published, access, true),
        }
    }

    /// [`Checkpoint::enter_as`] for the access that ends the collection, and whether it met somebody. Where it did, they may
    /// still look at the gate on the way out, so the gate must stay where it is.
    #[track_caller]
    pub(crate) fn enter_last(&self, access: Access) -> (Permit<'_>, bool) {
        let own = current::ledger().map_or(0, Ledger::number);
        let met = !self.gate.is_deserted(&REGISTRY, own);
        (self.permit(self.insist(None, access, false)), met)
    }

    /// The way in that ends inside.
    #[track_caller]
    fn insist(&self, published: Option<&'static Slot>, access: Access, is_step: bool) -> Admission {
        let admission = match self.begin(published, access, Manner::Patient) {
            Ok(admission) => admission,
            Err((attempt, refusal)) => match self.refused(attempt, refusal, Insistence::Enter) {
                Ok(admission) => admission,
                Err(_) => unreachable!("only a `try_` access is handed its conflict"),
            },
        };
        self.note_whole(admission, access, is_step);
        admission
    }

    /// Lets the caller in, or says what is in the way. Does not wait.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub(crate) fn try_enter(&self, operation: Operation) -> Result<Permit<'_>, Conflict> {
        let access = Access::here(operation);
        let admission = match self.enter_at_once(access) {
            Ok(admission) => admission,
            Err(published) => self.try_enter_slow(published, access)?,
        };
        Ok(self.permit(admission))
    }

    #[cold]
    #[track_caller]
    pub(super) fn try_enter_slow(
        &self,
        published: Option<&'static Slot>,
        access: Access,
    ) -> Result<Admission, Conflict> {
        if let Some(admission) = self.enter_alone(published, access.kind()) {
            return Ok(admission);
        }
        let admission = match self.begin(published, access, Manner::Prompt) {
            Ok(admission) => admission,
            Err((attempt, refusal)) => self.refused(attempt, refusal, Insistence::Try)?,
        };
        self.note_whole(admission, access, false);
        Ok(admission)
    }

    /// Lets the caller in if the way is free. A refusal is no conflict: nobody is told, and the holder is not asked.
    #[track_caller]
    pub(crate) fn peek(&self, operation: Operation) -> Option<Permit<'_>> {
        let access = Access::here(operation);
        match self.begin(None, access, Manner::Prompt) {
            Ok(admission) => Some(self.permit(admission)),
            Err((_, refusal)) => {
                if let Some(inquiry) = refusal.inquiry {
                    inquiry.withdraw();
                }
                None
            }
        }
    }

    /// The fast path: lets the caller in where one look says so. All that user code is compiled with. Otherwise the
    /// slot in which the access has been published, if it has, for [`Checkpoint::begin`] to go on with.
    #[inline]
    pub(super) fn enter_at_once(&self, access: Access) -> Result<Admission, Option<&'static Slot>> {
        let identity = self.gate.known_identity();
        let (ledger, open) = current::open_alone(identity, access).ok_or(None)?;
        if self.gate.lends_at_once(identity, access.kind(), ledger) {
            Ok(Admission::at_once(open))
        } else {
            Err(Some(open.slot()))
        }
    }

    /// The way in by the count or the lock, for the only open access of its thread. `None` if that takes more than a few steps:
    /// the access then goes on with [`Checkpoint::begin`].
    #[inline]
    fn enter_alone(&self, published: Option<&'static Slot>, kind: AccessKind) -> Option<Admission> {
        let open = Open::in_slot(published?);
        if !open.is_at(self.gate.known_identity()) || !open.ledger().wears_badge() {
            return None;
        }
        let hold = if self.gate.regime() == Regime::Degraded {
            self.recover_if_due();
            self.gate.try_enter_locked(open, kind, evidence).then_some(Hold::Locked)
        } else {
            self.gate.try_enter_free(open, kind)
        };
        hold.map(|hold| Admission::new(open, hold, false))
    }

    /// The whole way in, for an access that may have been published already.
    pub(super) fn begin(
        &self,
        published: Option<&'static Slot>,
        access: Access,
        manner: Manner,
    ) -> Result<Admission, (Attempt, Refusal)> {
        let watched = config::watches_some() && self.stale_checks();
        let attempt = Attempt::begin(self.open(published, access), access, watched);
        if self.gate.regime() == Regime::Degraded {
            self.recover_if_due();
            let tried = published.is_some() && attempt.open.ledger().wears_badge();
            if let Some(hold) = self.wait_shortly(&attempt, tried, manner) {
                return Ok(attempt.admitted(hold));
            }
        }
        match self.gate.try_enter(&REGISTRY, attempt.open, access.kind(), manner, evidence) {
            Ok(hold) => {
                // From here on the access is inside whatever happens: an attempt that is dropped would close its slot alone.
                let (open, admission) = (attempt.open, attempt.admitted(hold));
                if hunt::is_on() {
                    self.watch(open, access, Some(hold), manner);
                }
                Ok(admission)
            }
            Err(refusal) => {
                if hunt::is_on() {
                    self.watch(attempt.open, access, None, manner);
                }
                Err((attempt, refusal))
            }
        }
    }

    /// The access that has been published in the slot, or else published now.
    fn open(&self, published: Option<&'static Slot>, access: Access) -> Open {
        let identity = self.gate.identity();
        if let Some(open) = published.map(Open::in_slot) {
            if open.is_at(identity) {
                return open;
            }
            // The gate had no number yet, so nobody has looked for this access.
            current::close(open);
        }
        current::open(identity, access)
    }

    /// Shows an access that was admitted or refused to the hunt, which may keep it inside for a moment.
    #[cold]
    fn watch(&self, open: Open, access: Access, hold: Option<Hold>, manner: Manner) {
        hunt::inside(&hunt::Inside {
            gate: &self.gate,
            made: self.created,
            name: self.name(),
            own: &self.vitals().hunt,
            access,
            open,
            hold,
            may_wait: manner == Manner::Patient && open.is_alone() && !context::is_asking(),
        });
    }
}
