//! A collection's own part: whether it is watched, and what it remembers while it is.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use once_cell::race::OnceBox;

use super::act::{Act, Seen, is_walk, looks_at_all};
use super::actor::Actor;
use super::event;
use super::table::{Finding, Limits, Table, WholeAccess};
use super::tables;
use crate::access::Access;
use crate::config::{self, OwnWord, Setting};
use crate::conflict::Subject;
use crate::context;
use crate::report::{self, Caller, Step, Suspicion};
use crate::sync::AtomicU32;

struct Watched;

impl Setting for Watched {
    fn count() -> &'static AtomicU32 {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        &COUNT
    }
}

/// Whether some collection is watched by its own word.
pub(crate) fn any_by_own_word() -> bool {
    OwnWord::<Watched>::any()
}

/// See the module's page.
pub(crate) struct Watch {
    own: OwnWord<Watched>,
    /// Made by the first access that is watched.
    table: OnceBox<Arc<Table>>,
}

impl Watch {
    pub(crate) const fn new() -> Self {
        Self { own: OwnWord::new(), table: OnceBox::new() }
    }

    /// The collection's own setting; `None` where it follows the configuration.
    pub(crate) fn own(&self) -> Option<bool> {
        self.own.get()
    }

    /// What is remembered by then is forgotten, and its memory given back.
    pub(crate) fn set_own(&self, own: Option<bool>) {
        self.own.set(own);
        if let Some(table) = self.table.get() {
            table.clear();
        }
    }

    /// Whether accesses to a collection of this name are watched.
    pub(crate) fn is_on(&self, name: Option<&str>) -> bool {
        self.own().unwrap_or_else(|| config::stale_checks_for(name))
    }

    /// Remembers a lookup of a collection of this name. The caller is inside.
    pub(crate) fn look(&self, hash: u64, seen: Seen, access: Access, name: Option<&str>) {
        if let Some(table) = tables::made(&self.table) {
            table.look(hash, seen, event::capture(access), limits(), || self.is_on(name));
        }
    }

    /// Remembers a write and says what is suspect of it. The caller is inside.
    pub(crate) fn act(
        &self,
        hash: u64,
        act: Act,
        access: Access,
        name: Option<&str>,
        subject: impl Fn() -> Subject,
    ) -> Option<Suspect> {
        let table = tables::made(&self.table)?;
        let finding = table.act(hash, act, event::capture(access), limits(), || self.is_on(name))?;
        Some(Suspect(Box::new(Details { finding, subject: subject() })))
    }

    /// Remembers that the entry which the caller holds, and which was vacant, is filled.
    pub(crate) fn fill(&self) {
        if let Some(table) = self.table.get() {
            table.fill(limits());
        }
    }

    /// Remembers an access that may be one to the whole collection, of this name; `is_step` says that it goes on with a walk.
    /// The caller is inside.
    pub(crate) fn whole(&self, access: Access, is_step: bool, name: Option<&str>) {
        if !looks_at_all(access.operation) {
            return;
        }
        let table =
            if is_walk(access.operation) { tables::made(&self.table) } else { self.table.get().map(|table| &**table) };
        if let Some(table) = table {
            let survey = WholeAccess { access, actor: Actor::current(), now: Instant::now(), is_step };
            table.whole(survey, limits(), || self.is_on(name), || event::capture(access));
        }
    }
}

fn limits() -> Limits {
    Limits { window: config::stale_window(), keys: config::stale_keys() }
}

/// A suspect act, to be told once its access has ended where it can: what is told runs code of the program.
#[must_use]
pub(crate) struct Suspect(
    // In a box, so that not having one costs an access a register at most.
    Box<Details>,
);

struct Details {
    finding: Finding,
    subject: Subject,
}

impl Suspect {
    #[cold]
    #[inline(never)]
    pub(crate) fn tell(self) {
        let Details { finding, subject } = *self.0;
        let acting = finding.acting.step_for(context::current());
        Self::report(finding, acting, subject, Caller::Outside);
    }

    /// [`Suspect::tell`] for an access that is still inside. The request it serves is left out: finding that out runs code of the
    /// program, which may use the map.
    #[cold]
    #[inline(never)]
    pub(crate) fn tell_inside(self) {
        let Details { finding, subject } = *self.0;
        let acting = finding.acting.step();
        Self::report(finding, acting, subject, Caller::Inside);
    }

    fn report(finding: Finding, step: Step, subject: Subject, caller: Caller) {
        let Finding { verdict, seen, lookup, intervening, acting } = finding;
        let suspicion = Suspicion {
            subject,
            found: seen.into(),
            effect: verdict.effect,
            severity: verdict.severity,
            lookup: lookup.step(),
            intervening: intervening.step(),
            acting: step,
            elapsed: acting.at.saturating_duration_since(lookup.at),
            intervened: intervening.at.saturating_duration_since(lookup.at),
            detected: SystemTime::now(),
            instant: acting.at,
        };
        report::suspect(suspicion, caller);
    }
}
