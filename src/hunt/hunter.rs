//! The hunt's decisions, without its clock, its sleep and its surroundings.
//!
//! An access that was admitted is a *visit*. The hunter takes note of what it has met and of who held it up, and may say
//! that it should linger; who lingers tells the hunter what came of it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use super::budget::{Grant, Pool, Share, Shares};
use super::delay::End;
use super::held_up::{Delayed, HeldUp};
use super::history::Seen;
use super::news::News;
use super::pairs::{Key, Meeting, Pair, Pairs, SHORTEST, Tried};
use super::phase::Phase;
use super::place::{Place, place_key};
use super::plan::Plan;
use super::recent::Recent;
use super::seed;
use super::spot::{Spot, spot_key};
use super::surroundings::Surroundings;
use super::tracks::Tracks;
use super::visit::{Terms, Visit};
use crate::access::{Access, Site};

/// How long an access tries for a lock that another thread holds for microseconds. After a `fork` its holder may not exist.
const LOCK_PATIENCE: Duration = Duration::from_millis(20);

/// How long those try who have time, and more to lose: the holder may be off the processor.
const LONG_PATIENCE: Duration = Duration::from_secs(5);

/// How long the first delay of a planned pair is at least, in nanoseconds, as far as what the process begins with is enough for
/// all of them. It may be the run's only chance, where each side is made but once; and on a busy machine the other side may be
/// late by a turn of some other program.
pub(super) const PLANNED: u64 = 10_000_000;

/// No delay of a runtime's only worker is longer, in nanoseconds: its other tasks stand still meanwhile.
pub(super) const LONE_WORKER: u64 = 1_000_000;

/// What part of its thread's share a runtime's only worker may spend.
const LONE_WORKER_SHARE: f64 = 0.25;

// Every Relaxed below: counts and hints that publish nothing.

/// A delay that was decided on.
#[derive(Debug)]
pub(super) struct Linger {
    pub(super) delay: Delay,
    pub(super) grant: Grant,
}

/// Where a delay is, and how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delay {
    /// In nanoseconds.
    pub(super) length: u64,
    /// What the pair asked for, where the surroundings allow less.
    wanted: u64,
    map: u64,
    spot: u64,
}

/// What a hunt has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) delays: u64,
    pub(super) caught: u64,
}

/// See the module's page.
pub(super) struct Hunter {
    recent: Recent,
    pairs: Mutex<Pairs>,
    /// Reported by threads that could not wait for the table.
    news: News,
    /// Whether a pair is armed: a copy for who need not lock. Written with the table locked.
    armed: AtomicBool,
    held_up: Mutex<HeldUp>,
    /// When the last delay ended that is in `held_up`. Written as delays end.
    last_delay: AtomicU64,
    phase: Phase,
    pool: Pool,
    delays: AtomicU64,
    caught: AtomicU64,
}

impl Hunter {
    pub(super) fn new() -> Self {
        Self {
            recent: Recent::new(),
            pairs: Mutex::default(),
            news: News::new(),
            armed: AtomicBool::new(false),
            held_up: Mutex::default(),
            last_delay: AtomicU64::new(0),
            phase: Phase::default(),
            pool: Pool::default(),
            delays: AtomicU64::new(0),
            caught: AtomicU64::new(0),
        }
    }

    /// The table, with what was left for it.
    fn pairs(&self, patience: Duration) -> Option<MutexGuard<'_, Pairs>> {
        let mut pairs = self.pairs.try_lock_for(patience)?;
        let news = self.news.take();
        if !news.is_empty() {
            for (key, pair) in news {
                pairs.find(key, || pair);
            }
            self.armed.store(pairs.has_armed(), Ordering::Relaxed);
        }
        Some(pairs)
    }

    fn change<R>(&self, patience: Duration, change: impl FnOnce(&mut Pairs) -> R) -> Option<R> {
        let mut pairs = self.pairs(patience)?;
        let result = change(&mut pairs);
        self.armed.store(pairs.has_armed(), Ordering::Relaxed);
        Some(result)
    }

    /// Takes note of an access. Whether there is news for the plan, and the delay that is due.
    pub(super) fn visit(
        &self,
        visit: &Visit<'_>,
        tracks: &mut Tracks,
        terms: &Terms,
        now: u64,
        surroundings: &impl Surroundings,
    ) -> (bool, Option<Linger>) {
        let (map, spot) = (place_key(visit.made), spot_key(visit.access));
        self.pool.begin(now);
        tracks.account.begin(now);
        let before = std::mem::replace(&mut tracks.last, now);
        let company = self.phase.visit(visit.thread, now, terms.window);
        let met = self.meet(visit, terms, map, spot, now);
        if !visit.hunted || !self.armed.load(Ordering::Relaxed) {
            return (met, None);
        }
        let news = self.note_held_up(visit, (map, spot), before, now) | met;
        if !visit.may_linger {
            return (news, None);
        }
        let linger =
            self.decide(visit.thread, tracks, terms, (map, spot, visit.occurrence), company, now, surroundings);
        (news, linger)
    }

    /// Takes note of who was at the map a moment ago.
    fn meet(&self, visit: &Visit<'_>, terms: &Terms, map: u64, spot: u64, now: u64) -> bool {
        let visitor = Seen { thread: visit.thread, access: visit.access, spot, at: now };
        let met = self.recent.visit(visit.gate, visitor, terms.window);
        if met.near.is_empty() && met.handed_over.is_none() {
            return false;
        }
        let longest = visit.hunted.then_some(terms.longest);
        let meeting = |seen: &Seen, near_miss, hand_over| {
            (Meeting { key: Key::new(map, seen.spot, spot), near_miss, hand_over }, seen.access)
        };
        let hand_over = met.handed_over.iter().map(|seen| meeting(seen, None, true));
        let near = met.near.iter().map(|seen| meeting(seen, Some(now.saturating_sub(seen.at)), false));
        self.change(LOCK_PATIENCE, |pairs| {
            hand_over.chain(near).fold(false, |news, (meeting, other)| {
                let describe = || describe(visit.made, visit.name, visit.access, other);
                pairs.meet(&meeting, longest, describe) | news
            })
        })
        .unwrap_or(false)
    }

    /// Takes note of whose delays the thread has waited for. Whether that is news.
    fn note_held_up(&self, visit: &Visit<'_>, (map, spot): (u64, u64), before: u64, now: u64) -> bool {
        // A thread's first access may have been held up or not: nobody knows where the thread was.
        if before == 0 || self.last_delay.load(Ordering::Relaxed) < before {
            return false;
        }
        let Some(held_up) = self.held_up.try_lock_for(LOCK_PATIENCE) else { return false };
        let by: Vec<_> = held_up.by_whom(visit.thread, visit.gate, before, now).collect();
        drop(held_up);
        if by.is_empty() {
            return false;
        }
        self.change(LOCK_PATIENCE, |pairs| {
            by.iter().fold(false, |news, delay| pairs.hold_up(map, delay.spot, spot, delay.number) | news)
        })
        .unwrap_or(false)
    }

    #[allow(clippy::too_many_arguments)]
    fn decide(
        &self,
        thread: u64,
        tracks: &mut Tracks,
        terms: &Terms,
        (map, spot, occurrence): (u64, u64, u64),
        company: bool,
        now: u64,
        surroundings: &impl Surroundings,
    ) -> Option<Linger> {
        let prospect = self.pairs(LOCK_PATIENCE)?.prospect(map, spot)?;
        if seed::draw(terms.seed, thread, spot, occurrence) >= prospect.chance {
            return None;
        }
        // A planned pair may be made by two threads that come to no map but this once, so that company would be seen too late.
        // The looks become rare for a thread that comes here again and again.
        if !(company || (prospect.planned && occurrence.is_power_of_two() && !surroundings.is_alone())) {
            return None;
        }
        let wanted = prospect.length.min(terms.longest);
        let (length, thread) = if surroundings.is_lone_worker() {
            (wanted.min(LONE_WORKER), Share(terms.share.0 * LONE_WORKER_SHARE))
        } else {
            (wanted, terms.share)
        };
        let shares = Shares { process: terms.share, thread };
        let grant = self.pool.grant(&mut tracks.account, shares, now, length)?;
        Some(Linger { delay: Delay { length, wanted, map, spot }, grant })
    }

    /// Closes the books on a delay that is over. Takes no lock.
    pub(super) fn settle(&self, tracks: &mut Tracks, grant: Grant, (began, ended): (u64, u64), end: End) {
        self.pool.settle(&mut tracks.account, &grant, ended.saturating_sub(began));
        tracks.last = ended;
        self.delays.fetch_add(1, Ordering::Relaxed);
        self.caught.fetch_add(u64::from(end == End::Caught), Ordering::Relaxed);
    }

    /// Learns from a delay that is over. Whether a side of a pair is given up for it.
    pub(super) fn learn(
        &self,
        visit: &Visit<'_>,
        terms: &Terms,
        delay: Delay,
        (began, ended): (u64, u64),
        end: End,
    ) -> bool {
        let Delay { length, wanted, map, spot } = delay;
        let visitor = Seen { thread: visit.thread, access: visit.access, spot, at: ended };
        self.recent.linger(visit.gate, visitor, ended);
        if end == End::SwitchedOff {
            return false;
        }
        if end == End::InVain
            && let Some(mut held_up) = self.held_up.try_lock_for(LOCK_PATIENCE)
        {
            held_up.remember(Delayed { thread: visit.thread, gate: visit.gate, spot, length, began, ended });
            self.last_delay.store(ended, Ordering::Relaxed);
        }
        // After a catch too: the pair that was caught is known and out of it, and if its visitors came again and again, the
        // place's other pairs would be delayed for ever.
        let slept = match end {
            End::Caught => wanted,
            End::InVain => length,
            End::GaveWay | End::SwitchedOff => ended.saturating_sub(began).min(length),
        };
        self.change(LOCK_PATIENCE, |pairs| pairs.in_vain(map, spot, Tried { wanted, slept }, terms.longest))
            .unwrap_or(false)
    }

    /// Takes note of an overlap that was reported. Whether that is news for the plan.
    pub(super) fn found(&self, made: Site, name: Option<&str>, one: Access, other: Access) -> bool {
        let key = Key::new(place_key(made), spot_key(one), spot_key(other));
        self.change(LOCK_PATIENCE, |pairs| pairs.find(key, || describe(made, name, one, other)))
            .unwrap_or_else(|| self.found_meanwhile(made, name, one, other))
    }

    /// [`Hunter::found`] without the table's lock: who looks at the table next takes note of it first.
    pub(super) fn found_meanwhile(&self, made: Site, name: Option<&str>, one: Access, other: Access) -> bool {
        let key = Key::new(place_key(made), spot_key(one), spot_key(other));
        self.news.leave(key, describe(made, name, one, other));
        true
    }

    /// Takes over what an earlier run has left.
    pub(super) fn adopt(&self, plan: Plan, terms: &Terms) {
        let sides = 2 * plan.candidates().max(1) as u64;
        let least = PLANNED.min(terms.share.to_begin_with() / sides).max(SHORTEST).min(terms.longest);
        self.change(LONG_PATIENCE, |pairs| {
            for (key, planned) in plan.into_pairs() {
                let delay = planned.delay.map(|delay| delay.clamp(least, terms.longest));
                pairs.adopt(key, delay, || planned.into_pair());
            }
        });
    }

    /// What this run has to say for the plan, and what it has given up. `None` where the table is not to be had.
    pub(super) fn learnt(&self) -> Option<(Plan, Vec<Key>)> {
        let pairs = self.pairs(LONG_PATIENCE)?;
        Some((Plan::of(pairs.iter()), pairs.given_up()))
    }

    /// Looks at each pair, and how many did not fit. `None` where the table is not to be had.
    pub(super) fn survey<R>(&self, look: impl Fn(&Pair) -> R) -> Option<(Vec<R>, u64)> {
        let pairs = self.pairs(LONG_PATIENCE)?;
        Some((pairs.iter().map(look).collect(), pairs.evicted()))
    }

    /// In the child of a fork: what its parent has spent is not its own. Only stores.
    pub(super) fn begin_anew(&self) {
        self.pool.begin_anew();
        self.delays.store(0, Ordering::Relaxed);
        self.caught.store(0, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> Counts {
        Counts { delays: self.delays.load(Ordering::Relaxed), caught: self.caught.load(Ordering::Relaxed) }
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }
}

fn describe(made: Site, name: Option<&str>, one: Access, other: Access) -> Pair {
    let made = Place::from(made);
    let label = name.map_or_else(|| made.to_string(), str::to_owned);
    let mut spots = [Spot::from(one), Spot::from(other)];
    spots.sort_by_key(Spot::key);
    Pair::new(made, label, spots)
}
