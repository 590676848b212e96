//! What a watched map remembers: for a bounded number of keys, who looked them up and who wrote them last.
//!
//! The table is changed inside the accesses it remembers, so its order is that of the map's. Its lock is held for a few
//! vector operations, never while code of the program runs or a stack is taken.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::act::{Act, Change, Seen, may_remove_any, may_store_any};
use super::actor::Actor;
use super::event::Event;
use super::intent;
use super::judge::{Verdict, judge};
use crate::access::Access;

/// How long to try for the lock, which others hold for less than a microsecond. After a `fork` its holder may not exist.
const LOCK_PATIENCE: Duration = Duration::from_millis(20);

/// Keys in one place. Of those in a full one, the key that was left alone for longest makes room.
const WAYS: usize = 8;

/// Threads or tasks whose lookup of one key is remembered.
const LOOKERS: usize = 8;

/// Threads or tasks whose last look at the whole map is remembered.
const SURVEYORS: usize = 64;

/// Memories that made room before their time.
static EVICTED: AtomicU64 = AtomicU64::new(0);

/// How often a lookup or write had to be forgotten within its window, for lack of room. What rested on it was not seen.
///
/// `keys=` in `CHECKEDMAP_STALE` makes more room.
#[must_use]
pub fn evicted() -> u64 {
    // Relaxed: a count for people.
    EVICTED.load(Ordering::Relaxed)
}

/// A key looked up, and by whom.
pub(super) struct Lookup {
    pub(super) event: Event,
    pub(super) seen: Seen,
    order: u64,
}

/// A key written, and by whom.
pub(super) struct Write {
    pub(super) event: Event,
    /// `None` for a write to the whole map: its operation says what it may have done.
    pub(super) change: Option<Change>,
    order: u64,
}

/// What is known of one key.
struct Key {
    hash: u64,
    lookups: Vec<Lookup>,
    /// The last write that settled whether there is an entry.
    settled: Option<Write>,
    /// The last access that was lent the value.
    lent: Option<Write>,
    /// The last access to it at all.
    used: Instant,
}

/// See the module's page.
pub(super) struct Table(Mutex<State>);

struct State {
    /// Each place has up to [`WAYS`] keys. Their number is fixed by the first use.
    places: Vec<Vec<Key>>,
    /// The last write to the whole map, and the last by somebody else than its author.
    whole: [Option<Write>; 2],
    /// Who saw the whole map, and when: older lookups of theirs are not their latest knowledge.
    surveys: Vec<(Actor, u64)>,
    /// Lookups up to this one count for nobody: among the surveys that made room there may be one by whoever made them.
    surveyed: u64,
    /// Counts accesses: which of two came first.
    order: u64,
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

impl Table {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(State { places: Vec::new(), whole: [None, None], surveys: Vec::new(), surveyed: 0, order: 0 }))
    }

    /// Remembers a lookup.
    pub(super) fn look(&self, hash: u64, seen: Seen, event: Event, limits: Limits) {
        let Some(mut state) = self.0.try_lock_for(LOCK_PATIENCE) else { return };
        let order = state.tick();
        let key = state.key(hash, event.at, limits);
        key.forget(event.actor);
        key.remember(Lookup { event, seen, order }, limits);
    }

    /// Remembers a write, and judges it by its actor's lookup.
    pub(super) fn act(&self, hash: u64, act: Act, event: Event, limits: Limits) -> Option<Finding> {
        let mut state = self.0.try_lock_for(LOCK_PATIENCE)?;
        let order = state.tick();
        let surveyed = state.surveyed_by(event.actor);
        let State { places, whole, .. } = &mut *state;
        let key = find(places, hash, event.at, limits);
        let lookup = key.forget(event.actor);
        let lookup = lookup.filter(|lookup| lookup.order > surveyed && event.at - lookup.event.at <= limits.window);
        let finding = lookup.filter(|_| !intent::is_intended()).and_then(|lookup| {
            let writes = [&key.settled, &key.lent, &whole[0], &whole[1]].into_iter().flatten();
            // What lies between is somebody else's: a write of one's own would have used the lookup up.
            let between = writes.filter(|write| write.order > lookup.order);
            let judged =
                between.filter_map(|write| Some((judge(&lookup, write, act, event.party.access.site)?, write)));
            let (verdict, write) = judged.max_by_key(|(verdict, write)| (verdict.certain, write.order))?;
            let intervening = Event::clone(&write.event);
            Some(Finding {
                verdict,
                seen: lookup.seen,
                lookup: lookup.event,
                intervening,
                acting: Event::clone(&event),
            })
        });
        if act == (Act::Insert { found: true }) {
            key.remember(Lookup { event: Event::clone(&event), seen: Seen::Replaced, order }, limits);
        }
        if let Some(change) = act.change() {
            let place = match change {
                Change::Stored | Change::Removed => &mut key.settled,
                Change::Lent | Change::Opened => &mut key.lent,
            };
            *place = Some(Write { event, change: Some(change), order });
        }
        finding
    }

    /// Remembers an access to the whole map, which `capture` is asked for where it matters.
    pub(super) fn whole(&self, access: Access, actor: Actor, capture: impl FnOnce() -> Event) {
        let operation = access.operation;
        let writes = may_store_any(operation) || may_remove_any(operation);
        // A walk is many accesses, all of them from one site: one stack for the lot.
        let is_step = |last: &Write| last.event.party.access == access && last.event.actor == actor;
        let goes_on =
            self.0.try_lock_for(LOCK_PATIENCE).is_some_and(|state| state.whole[0].as_ref().is_some_and(is_step));
        let event = (writes && !goes_on).then(capture);
        let Some(mut state) = self.0.try_lock_for(LOCK_PATIENCE) else { return };
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
    fn tick(&mut self) -> u64 {
        self.order += 1;
        self.order
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

    fn key(&mut self, hash: u64, now: Instant, limits: Limits) -> &mut Key {
        find(&mut self.places, hash, now, limits)
    }
}

/// The memory of one key, made if need be.
///
/// A key has two places it may be in, and a new one goes where there is more room: with one, some places would overflow
/// while the table is half empty.
fn find(places: &mut Vec<Vec<Key>>, hash: u64, now: Instant, limits: Limits) -> &mut Key {
    if places.is_empty() {
        places.resize_with(limits.keys.div_ceil(WAYS).max(1), Vec::new);
    }
    // Hashers for integers may leave the low bits as they are, and keys are often multiples of something.
    let spread = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let either = [spread >> 48, (spread >> 24) & 0xff_ffff].map(|bits| bits as usize % places.len());
    let known = either.into_iter().find_map(|place| {
        let index = places[place].iter().position(|key| key.hash == hash)?;
        Some((place, index))
    });
    let (place, index) = known.unwrap_or_else(|| {
        let [one, other] = either;
        let place = if places[other].len() < places[one].len() { other } else { one };
        let keys = &mut places[place];
        if keys.len() == WAYS {
            let oldest = (0..WAYS).min_by_key(|index| keys[*index].used).expect("a place has ways");
            note_eviction(keys.swap_remove(oldest).used, now, limits);
        }
        keys.push(Key { hash, lookups: Vec::new(), settled: None, lent: None, used: now });
        (place, keys.len() - 1)
    });
    let key = &mut places[place][index];
    key.used = now;
    key
}

impl Key {
    /// Takes the actor's lookup out.
    fn forget(&mut self, actor: Actor) -> Option<Lookup> {
        let index = self.lookups.iter().position(|lookup| lookup.event.actor == actor)?;
        Some(self.lookups.remove(index))
    }

    /// Adds a lookup; the oldest makes room.
    fn remember(&mut self, lookup: Lookup, limits: Limits) {
        if self.lookups.len() == LOOKERS {
            note_eviction(self.lookups.remove(0).event.at, lookup.event.at, limits);
        }
        self.lookups.push(lookup);
    }
}

fn note_eviction(last: Instant, now: Instant, limits: Limits) {
    if now.saturating_duration_since(last) <= limits.window {
        // Relaxed: a count for people.
        EVICTED.fetch_add(1, Ordering::Relaxed);
    }
}
