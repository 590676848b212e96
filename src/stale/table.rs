//! What a watched map remembers: for a bounded number of keys, who looked them up and who wrote them last.
//!
//! The table is changed inside the accesses it remembers, so its order is that of the map's. Its lock is held for a few
//! vector operations, never while code of the program runs or a stack is taken, and no fork is made meanwhile: the child
//! could not unlock it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

use super::act::{Act, Change, Seen, may_remove_any, may_store_any};
use super::actor::Actor;
use super::event::Event;
use super::intent;
use super::judge::{Verdict, judge};
use super::keys::{Key, Keys, Lookup, Write};
use crate::access::Access;
use crate::fork::{self, HeldBack};

/// Threads or tasks whose last look at the whole map is remembered.
const SURVEYORS: usize = 64;

/// Memories that made room before their time, and accesses that were not remembered at all.
static EVICTED: AtomicU64 = AtomicU64::new(0);

/// How often a lookup or write had to be forgotten within its window, for lack of room or because the process was about to
/// `fork`. What rested on it was not seen.
///
/// `keys=` in `CHECKEDMAP_STALE` makes more room.
#[must_use]
pub fn evicted() -> u64 {
    // Relaxed, here and below: a count for people.
    EVICTED.load(Ordering::Relaxed)
}

pub(super) fn note_eviction(last: Instant, now: Instant, limits: Limits) {
    if now.saturating_duration_since(last) <= limits.window {
        EVICTED.fetch_add(1, Ordering::Relaxed);
    }
}

/// The limits in force.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) window: Duration,
    pub(super) keys: usize,
}

/// An act that is suspect.
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    pub(super) seen: Seen,
    pub(super) lookup: Event,
    pub(super) intervening: Event,
    pub(super) acting: Event,
}

/// See the module's page. Empty until the first access, and again once the map is not watched any more.
pub(super) struct Table {
    state: Mutex<Option<Box<State>>>,
    /// An access was left out, so that what is remembered may not be anyone's latest knowledge.
    has_gap: AtomicBool,
}

#[derive(Default)]
struct State {
    keys: Keys,
    /// The last write to the whole map, and the last by somebody else than its author.
    whole: [Option<Write>; 2],
    /// Who saw the whole map, and when: older lookups of theirs are not their latest knowledge.
    surveys: Vec<(Actor, u64)>,
    /// Lookups up to this one count for nobody: among the surveys that made room there may be one by whoever made them.
    surveyed: u64,
    /// Counts accesses: which of two came first.
    order: u64,
    /// The entry that was opened last and was vacant, while no other access has come. It may yet be filled.
    opened: Option<(u64, Event)>,
}

/// The table's contents, locked. Fields are dropped in this order.
struct Locked<'a> {
    state: MutexGuard<'a, Option<Box<State>>>,
    _held_back: HeldBack,
}

impl Locked<'_> {
    fn as_mut(&mut self) -> Option<&mut State> {
        self.state.as_deref_mut()
    }
}

impl Table {
    pub(super) const fn new() -> Self {
        Self { state: Mutex::new(None), has_gap: AtomicBool::new(false) }
    }

    /// Nothing where a fork is coming: the caller is inside the map, and a fork handler of the program's may wait for it to
    /// leave.
    fn lock(&self) -> Option<Locked<'_>> {
        let Some(held_back) = fork::try_hold_back() else {
            EVICTED.fetch_add(1, Ordering::Relaxed);
            self.has_gap.store(true, Ordering::Relaxed);
            return None;
        };
        let mut state = self.state.lock();
        if let Some(state) = state.as_deref_mut()
            && self.has_gap.swap(false, Ordering::Relaxed)
        {
            state.forget_lookups();
        }
        Some(Locked { state, _held_back: held_back })
    }

    /// [`Table::lock`] for an access to remember. `is_watched` is asked where nothing is remembered yet: who switches the checks
    /// off empties the table afterwards, and an access that began before must not fill it again.
    fn lock_to_add(&self, is_watched: impl FnOnce() -> bool) -> Option<Locked<'_>> {
        let mut locked = self.lock()?;
        if locked.state.is_none() {
            if !is_watched() {
                return None;
            }
            *locked.state = Some(Box::default());
        }
        Some(locked)
    }

    /// Remembers nothing from now on until the next access that is watched. Gives the memory back.
    pub(super) fn clear(&self) {
        let held_back = fork::hold_back();
        let state = self.state.lock().take();
        drop(held_back);
        drop(state);
    }

    /// Remembers a lookup.
    pub(super) fn look(&self, hash: u64, seen: Seen, event: Event, limits: Limits, is_watched: impl FnOnce() -> bool) {
        let Some(mut locked) = self.lock_to_add(is_watched) else { return };
        let Some(state) = locked.as_mut() else { return };
        let order = state.tick();
        state.keys.key(hash, event.at, limits).remember(Lookup { event, seen, order }, limits);
    }

    /// Remembers a write, and judges it by its actor's lookup.
    pub(super) fn act(
        &self,
        hash: u64,
        act: Act,
        event: Event,
        limits: Limits,
        is_watched: impl FnOnce() -> bool,
    ) -> Option<Finding> {
        let mut locked = self.lock_to_add(is_watched)?;
        let state = locked.as_mut()?;
        let order = state.tick();
        let surveyed = state.surveyed_by(event.actor);
        let key = state.keys.key(hash, event.at, limits);
        let finding = if intent::is_intended() { None } else { find(key, &state.whole, surveyed, act, &event, limits) };
        // One write uses the lookup up.
        key.forget(event.actor);
        if act == (Act::Insert { found: true }) && !intent::is_intended() {
            key.remember(Lookup { event: Event::clone(&event), seen: Seen::Replaced, order }, limits);
        }
        match act.change() {
            Some(change) => key.write(Write { event, change: Some(change), order }),
            None if act == (Act::Entry { found: false }) => state.opened = Some((hash, event)),
            None => {}
        }
        finding
    }

    /// Remembers that the entry that was opened last, and was vacant, has been filled.
    pub(super) fn fill(&self, limits: Limits) {
        let Some(mut locked) = self.lock() else { return };
        let Some(state) = locked.as_mut() else { return };
        let Some((hash, event)) = state.opened.take() else { return };
        let order = state.tick();
        let key = state.keys.key(hash, event.at, limits);
        key.write(Write { event, change: Some(Change::Stored), order });
    }

    /// Remembers an access to the whole map, which `capture` is asked for where it matters.
    pub(super) fn whole(&self, access: Access, actor: Actor, capture: impl FnOnce() -> Event) {
        let operation = access.operation;
        let writes = may_store_any(operation) || may_remove_any(operation);
        // A walk is many accesses, all of them from one site: one stack for the lot.
        let is_step = |last: &Write| last.event.party.access == access && last.event.actor == actor;
        let goes_on = {
            let Some(mut locked) = self.lock() else { return };
            // Before the first access by key there is nothing that this one could come between.
            let Some(state) = locked.as_mut() else { return };
            state.whole[0].as_ref().is_some_and(is_step)
        };
        let event = (writes && !goes_on).then(capture);
        let Some(mut locked) = self.lock() else { return };
        let Some(state) = locked.as_mut() else { return };
        let order = state.tick();
        state.note_survey(actor, order);
        match (event, &mut state.whole) {
            (Some(event), [last, other]) => {
                if let Some(last) = last.take().filter(|last| last.event.actor != event.actor) {
                    *other = Some(last);
                }
                *last = Some(Write { event, change: None, order });
            }
            (None, [Some(last), _]) if writes => last.order = order,
            (None, _) => {}
        }
    }
}

impl State {
    /// Begins another access.
    fn tick(&mut self) -> u64 {
        self.opened = None;
        self.order += 1;
        self.order
    }

    /// No lookup so far counts any more.
    fn forget_lookups(&mut self) {
        self.surveyed = self.order;
        self.opened = None;
    }

    /// The last lookup that counts no more for the actor.
    fn surveyed_by(&self, actor: Actor) -> u64 {
        let own = self.surveys.iter().find(|(surveyor, _)| *surveyor == actor);
        own.map_or(0, |(_, order)| *order).max(self.surveyed)
    }

    fn note_survey(&mut self, actor: Actor, order: u64) {
        if let Some((_, last)) = self.surveys.iter_mut().find(|(surveyor, _)| *surveyor == actor) {
            *last = order;
            return;
        }
        if self.surveys.len() == SURVEYORS {
            let oldest = (0..SURVEYORS).min_by_key(|index| self.surveys[*index].1).expect("there are surveyors");
            self.surveyed = self.surveyed.max(self.surveys.swap_remove(oldest).1);
        }
        self.surveys.push((actor, order));
    }
}

/// What is suspect of an act on the strength of its actor's lookup, unless that is older than `surveyed`.
fn find(
    key: &Key,
    whole: &[Option<Write>; 2],
    surveyed: u64,
    act: Act,
    event: &Event,
    limits: Limits,
) -> Option<Finding> {
    let lookup = key.lookup_by(event.actor)?;
    if lookup.order <= surveyed || event.at.saturating_duration_since(lookup.event.at) > limits.window {
        return None;
    }
    let writes = [&key.settled, &key.lent, &whole[0], &whole[1]].into_iter().flatten();
    // What lies between is somebody else's: a write of one's own would have used the lookup up.
    let between = writes.filter(|write| write.order > lookup.order);
    let judged = between.filter_map(|write| Some((judge(lookup, write, act)?, write)));
    let (verdict, write) = judged.max_by_key(|(verdict, write)| (verdict.severity, write.order))?;
    let [lookup_event, intervening, acting] = [&lookup.event, &write.event, event].map(Event::clone);
    Some(Finding { verdict, seen: lookup.seen, lookup: lookup_event, intervening, acting })
}

impl Key {
    fn write(&mut self, write: Write) {
        let place = match write.change {
            Some(Change::Lent | Change::Opened) => &mut self.lent,
            _ => &mut self.settled,
        };
        *place = Some(write);
    }
}
