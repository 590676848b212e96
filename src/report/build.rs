//! From the evidence to a [`Report`].

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::observation::{HolderEvidence, Observation};
use super::{Outcome, Report, Role, Side, StackTrace, symbols};
use crate::conflict::Party;
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::conflict::trace::{Missing, Moment, Stack};
use crate::context::RequestContext;

impl Observation {
    /// Whether waiting any longer could add nothing.
    pub(super) fn is_complete(&self, now: Instant) -> bool {
        match &self.holder {
            HolderEvidence::Known(_) => true,
            HolderEvidence::Asked { inquiry, deadline, .. } => {
                // The holder answers on its way out, so the contender's turn comes after the answer, if only just.
                let told = || inquiry.is_answered() && (!self.awaits_turn() || inquiry.admitted().is_some());
                now >= *deadline || told()
            }
        }
    }

    /// Whether the contender waits for its turn, and how long that took is not known yet.
    fn awaits_turn(&self) -> bool {
        matches!(self.outcome, Outcome::Waited | Outcome::Degraded) && self.waited.is_none()
    }

    /// Waits for the holder's answer, not for the contender's turn: the contender may be the one who calls.
    pub(super) fn wait(&self) {
        if let HolderEvidence::Asked { inquiry, deadline, .. } = &self.holder {
            inquiry.wait_until(*deadline);
        }
    }

    pub(super) fn inquiry(&self) -> Option<&Arc<Inquiry>> {
        match &self.holder {
            HolderEvidence::Known(_) => None,
            HolderEvidence::Asked { inquiry, .. } => Some(inquiry),
        }
    }

    /// When waiting ends, where there is anything to wait for.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.holder {
            HolderEvidence::Known(_) => None,
            HolderEvidence::Asked { deadline, .. } => Some(*deadline),
        }
    }

    /// Builds the report from what is there. Resolves symbols, so it is slow.
    pub(super) fn into_report(self, number: u64, count: u64) -> Report {
        let admitted = self.inquiry().and_then(|inquiry| inquiry.admitted());
        let waited = admitted.map(|admitted| admitted.saturating_duration_since(self.instant)).or(self.waited);
        let (holder_stack, answer) = self.holder.settle();
        let (left, holder_context) = match answer {
            Some(answer) => (Some(answer.left), answer.context),
            None => (None, RequestContext::default()),
        };
        let admitted_at = admitted.map(|_| unix_nanoseconds(self.detected + waited.unwrap_or_default()));
        // The holder looks at the clock when it has left the gate, by which time the contender may be in. It was out before.
        let left = left.map(unix_nanoseconds).map(|left| admitted_at.map_or(left, |admitted| left.min(admitted)));
        let holder = self.conflict.holder();
        Report {
            #[cfg(feature = "serde")]
            schema: super::json::Schema,
            number,
            pid: std::process::id(),
            kind: self.conflict.kind(),
            map: self.conflict.subject().into(),
            contender: side(Role::Contender, self.conflict.contender(), self.contender_stack, self.contender_context),
            holder: holder.map(|holder| side(Role::Holder, holder, holder_stack, holder_context)),
            mode: self.conflict.mode(),
            outcome: self.outcome,
            detected: unix_nanoseconds(self.detected),
            holder_left: left,
            admitted: admitted_at,
            waited: waited.map(nanoseconds),
            count,
            hunt_seed: crate::hunt::seed(),
        }
    }
}

impl HolderEvidence {
    /// The holder's stack as far as it is known, and its answer. Ends the inquiry.
    fn settle(self) -> (Stack, Option<Answer>) {
        let (inquiry, otherwise) = match self {
            Self::Known(stack) => return (stack, None),
            Self::Asked { inquiry, otherwise, .. } => (inquiry, otherwise),
        };
        inquiry.withdraw();
        let answer = inquiry.answered();
        let stack = match (&answer, otherwise) {
            (None, otherwise) => otherwise,
            (Some(Answer { trace: Some(trace), .. }), _) => Stack::Taken(Moment::Leaving, trace.clone()),
            // Stacks are switched off by now, but one was kept from the entry.
            (Some(_), taken @ Stack::Taken(..)) => taken,
            (Some(_), Stack::Missing(_)) => Stack::Missing(Missing::Disabled),
        };
        (stack, answer)
    }
}

pub(super) fn side(role: Role, party: &Party, stack: Stack, context: RequestContext) -> Side {
    Side {
        role,
        operation: party.access.operation.as_str().to_owned(),
        access: party.access.kind(),
        site: party.access.site.into(),
        thread: (&party.thread).into(),
        stack: match stack {
            Stack::Taken(moment, trace) => {
                StackTrace::Taken { moment, frames: symbols::resolve(&trace), truncated: trace.truncated() }
            }
            Stack::Missing(reason) => StackTrace::Missing { reason },
        },
        context,
    }
}

pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// A clock before 1970 reads as 1970.
pub(crate) fn unix_nanoseconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, nanoseconds)
}
