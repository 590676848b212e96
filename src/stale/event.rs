//! One access as it is remembered, so that it can be told later.

use std::sync::Arc;
use std::time::Instant;

use super::actor::Actor;
use crate::access::Access;
use crate::config::{self, Backtrace};
use crate::conflict::trace::{Missing, Moment, RawTrace, Stack};
use crate::conflict::{Party, ThreadInfo};
use crate::context::RequestContext;
use crate::ledger::current;
use crate::report::Step;

/// An access by key, or to the whole map. Shared, since one access may be both a write and a lookup.
pub(super) type Event = Arc<Facts>;

pub(super) struct Facts {
    pub(super) actor: Actor,
    pub(super) party: Party,
    pub(super) at: Instant,
    pub(super) trace: Option<RawTrace>,
}

/// The calling thread's access. Takes its stack, so it is made with no lock held.
pub(super) fn capture(access: Access) -> Event {
    let thread = match current::ledger() {
        Some(ledger) => ledger.thread_info_of_caller(),
        // Among the last thread-local destructors: the name is gone with them.
        None => ThreadInfo { id: current::thread_id(), name: None, ended: false },
    };
    let trace = (config::backtrace() != Backtrace::Off).then(RawTrace::capture);
    Arc::new(Facts { actor: Actor::current(), party: Party { access, thread }, at: Instant::now(), trace })
}

impl Facts {
    /// The step of a report that this access is, with the request as far as it was remembered: the task.
    pub(super) fn step(&self) -> Step {
        self.step_for(RequestContext { task: self.actor.task(), ..RequestContext::default() })
    }

    pub(super) fn step_for(&self, context: RequestContext) -> Step {
        let stack = match &self.trace {
            Some(trace) => Stack::Taken(Moment::Entering, trace.clone()),
            None => Stack::Missing(Missing::Disabled),
        };
        Step { party: self.party.clone(), stack, context }
    }
}
