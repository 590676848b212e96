//! What a watched map remembers: for a bounded number of keys, who looked them up and who wrote them last.
//!
//! The table is changed inside the accesses it remembers, so its order is that of the map's. Its lock is held for a few
//! vector operations, never while code of the program runs or a stack is taken, and no fork is made meanwhile: the child
//! could not unlock it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

use super::act::{Act, Change, Seen, is_walk, may_change_any};
use super::actor::Actor;
use super::event::Event;
use super::intent;
use super::judge::{Verdict, judge};
use super::keys::{Keys, Lookup, Spot, Write};
use super::surveys::Surveys;
use crate::access::Access;
use crate::fork::{self, HeldBack};

/// Memories that made room before their time, and accesses that were not remembered at all.
static EVICTED: AtomicU64 = AtomicU64::new(0);

/// How often a lookup had to be forgotten within its window, for lack of room or because the process was about to `fork`, or
/// a write was not remembered for that. What rested on it was not seen. Lookups on which no more than a hint can rest make
/// room uncounted.
///
/// `keys=` in `CHECKEDMAP_STALE` makes more room, for keys and for threads or tasks that look one and the same up.
#[must_use]
pub fn evicted() -> u64 {
    // Relaxed, here and below: a count for people.
    EVICTED.load(Ordering::Relaxed)
}

pub(super) fn note_eviction() {
    EVICTED.fetch_add(1, Ordering::Relaxed);
}

/// The limits in force.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) window: Duration,
    pub(super) keys: usize,
}

/// An access to the whole map.
pub(super) struct WholeAccess {
    pub(super) access: Access,
    pub(super) actor: Actor,
    pub(super) now: Instant,
    /// Whether it is a step of a walk that is not the first.
    pub(super) is_step: bool,
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
    surveys: Surveys,
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
            note_eviction();
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
        let Some(spot) = state.keys.find_or_make(hash, event.at, seen.is_weak(), limits) else { return };
        let last = state
            .keys
            .at(spot)
            .lookup_by(event.actor)
            .filter(|last| last.order > state.surveys.last_by(event.actor) && last.is_within(event.at, limits));
        // To know that there is an entry takes nothing from what is known of its value.
        if seen == Seen::Present && last.is_some_and(|last| last.seen == Seen::Value) {
            return;
        }
        state.keys.remember(spot, Lookup { event, seen, order }, limits);
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
        if act == (Act::Entry { found: false }) {
            state.opened = Some((hash, Event::clone(&event)));
        }
        let is_intended = intent::is_intended();
        let answer = act.answer().filter(|_| !is_intended);
        let spot = match answer {
            Some(seen) => state.keys.find_or_make(hash, event.at, seen.is_weak(), limits),
            None => state.written(hash, &event, limits),
        }?;
        let finding = if is_intended { None } else { state.judge(spot, act, &event, limits) };
        // One write uses the lookup up.
        state.keys.forget(spot, event.actor);
        if let Some(seen) = answer {
            state.keys.remember(spot, Lookup { event: Event::clone(&event), seen, order }, limits);
        }
        if let Some(change) = act.change() {
            state.keys.at_mut(spot).write(Write { event, change: Some(change), order });
        }
        finding
    }

    /// Remembers that the entry that was opened last, and was vacant, has been filled.
    pub(super) fn fill(&self, limits: Limits) {
        let Some(mut locked) = self.lock() else { return };
        let Some(state) = locked.as_mut() else { return };
        let Some((hash, event)) = state.opened.take() else { return };
        let order = state.tick();
        let Some(spot) = state.written(hash, &event, limits) else { return };
        state.keys.at_mut(spot).write(Write { event, change: Some(Change::Stored), order });
    }

    /// Remembers an access to the whole map, which `capture` is asked for where it matters. A further step of a walk is an
    /// access of its own, and goes without a stack of its own where nothing has come between.
    pub(super) fn whole(
        &self,
        whole: WholeAccess,
        limits: Limits,
        is_watched: impl FnOnce() -> bool,
        capture: impl FnOnce() -> Event,
    ) {
        let WholeAccess { access, actor, now, is_step } = whole;
        let (is_walk, is_write) = (is_walk(access.operation), may_change_any(access.operation));
        {
            // Before the first access by key there is nothing that a write could come between.
            let locked = if is_walk { self.lock_to_add(is_watched) } else { self.lock() };
            let Some(mut locked) = locked else { return };
            let Some(state) = locked.as_mut() else { return };
            if !is_walk && !is_write {
                let order = state.tick();
                return state.surveys.note(actor, order, now, None, limits);
            }
            if is_step && state.surveys.goes_on(access, actor, state.order) {
                let order = state.tick();
                // Nobody has looked anything up since the step before, so it does not matter which of them a write was.
                return state.surveys.step(actor, order, now);
            }
        }
        let event = capture();
        let Some(mut locked) = self.lock() else { return };
        let Some(state) = locked.as_mut() else { return };
        let order = state.tick();
        state.surveys.note(actor, order, now, Some(Event::clone(&event)), limits);
        if is_write {
            let [last, other] = &mut state.whole;
            if let Some(last) = last.take().filter(|last| last.event.actor != event.actor) {
                *other = Some(last);
            }
            *last = Some(Write { event, change: None, order });
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
        self.surveys.forget_up_to(self.order);
        self.opened = None;
    }

    /// The memory of a key that is written. A write can only come between what somebody has looked up before and what comes
    /// of that: where nobody has, it is not worth the room.
    fn written(&mut self, hash: u64, event: &Event, limits: Limits) -> Option<Spot> {
        if self.surveys.has_walker_besides(event.actor, event.at, limits) {
            self.keys.find_or_make(hash, event.at, true, limits)
        } else {
            self.keys.find(hash, event.at)
        }
    }

    /// What is suspect of an act on the strength of its actor's last lookup of the key.
    fn judge(&self, spot: Spot, act: Act, event: &Event, limits: Limits) -> Option<Finding> {
        let key = self.keys.at(spot);
        let surveyed = self.surveys.last_by(event.actor);
        let by_key = key.lookup_by(event.actor);
        let by_key = by_key.filter(|lookup| lookup.order > surveyed && lookup.is_within(event.at, limits));
        let walk = self.surveys.walk_by(event.actor, event.at, limits);
        let lookup = by_key.or(walk.as_ref())?;
        let writes = [&key.settled, &key.lent, &self.whole[0], &self.whole[1]].into_iter().flatten();
        let is_between = |write: &&Write| write.order > lookup.order && write.event.actor != event.actor;
        let judged = writes.filter(is_between).filter_map(|write| Some((judge(lookup, write, act)?, write)));
        let (verdict, write) = judged.max_by_key(|(verdict, write)| (verdict.severity, write.order))?;
        let [looked, intervening, acting] = [&lookup.event, &write.event, event].map(Event::clone);
        Some(Finding { verdict, seen: lookup.seen, lookup: looked, intervening, acting })
    }
}
