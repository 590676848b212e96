//! Who has seen the whole map last, and when.
//!
//! What an actor looked up before is not its latest knowledge then. And where the access was a walk, it may act on any entry
//! that it was shown.

use std::time::Instant;

use super::act::{Seen, is_walk};
use super::actor::Actor;
use super::event::Event;
use super::keys::Lookup;
use super::table::{Limits, note_eviction};
use crate::access::Access;

/// Threads or tasks whose last look at the whole map is remembered.
const SURVEYORS: usize = 64;

struct Survey {
    actor: Actor,
    order: u64,
    at: Instant,
    /// The access, where somebody may want to know: of a walk, as it began.
    event: Option<Event>,
}

/// See the module's page.
#[derive(Default)]
pub(super) struct Surveys {
    last: Vec<Survey>,
    /// Lookups up to this one count for nobody: among the surveys that made room there may be one by whoever made them.
    forgotten: u64,
}

impl Surveys {
    /// The last lookup that counts no more for the actor.
    pub(super) fn last_by(&self, actor: Actor) -> u64 {
        self.by(actor).map_or(0, |survey| survey.order).max(self.forgotten)
    }

    /// No lookup up to this one counts any more, whoever made it.
    pub(super) fn forget_up_to(&mut self, order: u64) {
        self.forgotten = order;
    }

    /// The actor's last survey, if it was a walk: a lookup of every key.
    pub(super) fn walk_by(&self, actor: Actor, now: Instant, limits: Limits) -> Option<Lookup> {
        let survey = self.by(actor).filter(|survey| survey.order > self.forgotten)?;
        let event = Event::clone(survey.walk(now, limits)?);
        Some(Lookup { event, seen: Seen::Walked, order: survey.order })
    }

    /// Whether somebody else may act on what a walk has shown.
    pub(super) fn has_walker_besides(&self, actor: Actor, now: Instant, limits: Limits) -> bool {
        self.last.iter().any(|survey| survey.actor != actor && survey.walk(now, limits).is_some())
    }

    /// Whether a further step of the actor's walk follows the one before with nothing in between, `order` being the last
    /// access: it needs no stack of its own.
    pub(super) fn goes_on(&self, access: Access, actor: Actor, order: u64) -> bool {
        let survey = self.by(actor).filter(|survey| survey.order == order);
        survey.and_then(|survey| survey.event.as_ref()).is_some_and(|event| event.party.access == access)
    }

    /// The walk goes on.
    pub(super) fn step(&mut self, actor: Actor, order: u64, now: Instant) {
        if let Some(survey) = self.last.iter_mut().find(|survey| survey.actor == actor) {
            (survey.order, survey.at) = (order, now);
        }
    }

    pub(super) fn note(&mut self, actor: Actor, order: u64, at: Instant, event: Option<Event>, limits: Limits) {
        self.last.retain(|survey| survey.actor != actor);
        if self.last.len() == SURVEYORS {
            // What was looked up before those is past its window as well.
            self.last.retain(|survey| survey.is_within(at, limits));
        }
        if self.last.len() == SURVEYORS {
            let oldest = (0..SURVEYORS).min_by_key(|index| self.last[*index].order).expect("there are surveyors");
            self.forgotten = self.forgotten.max(self.last.swap_remove(oldest).order);
            note_eviction();
        }
        self.last.push(Survey { actor, order, at, event });
    }

    fn by(&self, actor: Actor) -> Option<&Survey> {
        self.last.iter().find(|survey| survey.actor == actor)
    }
}

impl Survey {
    fn is_within(&self, now: Instant, limits: Limits) -> bool {
        now.saturating_duration_since(self.at) <= limits.window
    }

    /// The walk that it was, if it was one and may still be acted on.
    fn walk(&self, now: Instant, limits: Limits) -> Option<&Event> {
        let is_walk = |event: &&Event| is_walk(event.party.access.operation);
        self.event.as_ref().filter(is_walk).filter(|_| self.is_within(now, limits))
    }
}
