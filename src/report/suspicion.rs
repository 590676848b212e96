//! A suspect with its evidence as it was gathered: raw stacks, nothing formatted yet.

use std::time::{Duration, Instant, SystemTime};

use super::build::{nanoseconds, side, unix_nanoseconds};
use super::coalesce::Folded;
use super::{Effect, Found, Role, Severity, Side, Suspect, SuspectKind, SuspectRepeat};
use crate::access::Site;
use crate::conflict::trace::Stack;
use crate::conflict::{Party, Subject};
use crate::context::RequestContext;

/// What makes two suspects the same for a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SuspectKey {
    /// The collection's id.
    subject: u64,
    /// A hint stands for hints alone: what folds a suspect into it would hide it from whoever looks for those.
    severity: Severity,
    effect: Effect,
    lookup: Site,
    intervening: Site,
    acting: Site,
}

/// One step of a suspect.
pub(crate) struct Step {
    pub(crate) party: Party,
    pub(crate) stack: Stack,
    pub(crate) context: RequestContext,
}

/// The raw material of one [`Suspect`].
pub(crate) struct Suspicion {
    pub(crate) subject: Subject,
    pub(crate) found: Found,
    pub(crate) effect: Effect,
    pub(crate) severity: Severity,
    pub(crate) lookup: Step,
    pub(crate) intervening: Step,
    pub(crate) acting: Step,
    /// From the lookup to the acting write.
    pub(crate) elapsed: Duration,
    /// From the lookup to the intervening write.
    pub(crate) intervened: Duration,
    /// When the acting write was made, by the calendar and by the monotonic clock.
    pub(crate) detected: SystemTime,
    pub(crate) instant: Instant,
}

impl Suspicion {
    pub(super) fn key(&self) -> SuspectKey {
        SuspectKey {
            subject: self.subject.id(),
            severity: self.severity,
            effect: self.effect,
            lookup: self.lookup.party.access.site,
            intervening: self.intervening.party.access.site,
            acting: self.acting.party.access.site,
        }
    }

    pub(super) fn subject(&self) -> &Subject {
        &self.subject
    }

    pub(super) fn detected(&self) -> SystemTime {
        self.detected
    }

    pub(super) fn instant(&self) -> Instant {
        self.instant
    }

    /// Builds the report. Resolves symbols, so it is slow.
    pub(super) fn into_suspect(self, number: u64, count: u64) -> Suspect {
        Suspect {
            #[cfg(feature = "serde")]
            schema: super::json::Schema,
            severity: self.severity,
            kind: SuspectKind::StaleCheck,
            number,
            pid: std::process::id(),
            map: (&self.subject).into(),
            found: self.found,
            effect: self.effect,
            lookup: self.lookup.into_side(Role::Lookup),
            intervening: self.intervening.into_side(Role::Intervening),
            acting: self.acting.into_side(Role::Acting),
            elapsed: nanoseconds(self.elapsed),
            intervened: Some(nanoseconds(self.intervened)),
            detected: unix_nanoseconds(self.detected),
            count,
            hunt_seed: crate::hunt::seed(),
        }
    }
}

impl Step {
    fn into_side(self, role: Role) -> Side {
        side(role, &self.party, self.stack, self.context)
    }
}

impl From<Folded<SuspectKey>> for SuspectRepeat {
    fn from(folded: Folded<SuspectKey>) -> Self {
        Self {
            number: folded.number,
            pid: std::process::id(),
            kind: SuspectKind::StaleCheck,
            severity: Some(folded.key.severity),
            map: folded.map,
            count: folded.count,
            first: unix_nanoseconds(folded.first),
            last: unix_nanoseconds(folded.last),
        }
    }
}
