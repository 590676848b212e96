//! What is known of pairs of accesses: how close they came, and whether a delay at either is worth its time.
//!
//! A pair is two spots on maps made at one place; which map, thread and key it was does not matter, since the next run has
//! others. Each of its two *sides* says whether a delay there may let the other side walk in. A near miss arms both sides.
//! A delay that nobody walks into lessens the side's prospects and doubles the next delay, and one that was cut short does so by
//! as much as there was of it; a side is given up when its chance is all but gone, or when it was seen that its delays hold the
//! other side up, which is what a lock around both does.
//!
//! The table is bounded. Where it is full the pairs that say least go first, and are counted.

use std::collections::HashMap;

mod key;
mod pair;
mod side;

pub(super) use key::Key;
pub(super) use pair::Pair;
use side::HeldUpBy;
pub(super) use side::Side;

/// Pairs kept: a program has as many as its source has places that touch the same map, and 1,024 of them fill a megabyte
/// at most.
pub(super) const CAPACITY: usize = 1024;

/// Known pairs kept where there is no room for all: the rest is for those that are still to be found.
pub(super) const MOST_KNOWN: usize = CAPACITY / 4 * 3;

/// How many go at once, so that a full table is looked through rarely.
const MADE_ROOM: usize = CAPACITY / 8;

/// No delay is shorter, in nanoseconds: a sleeping thread wakes up later than that anyway.
pub(super) const SHORTEST: u64 = 100_000;

/// Two accesses of two threads, one right after or shortly after the other.
pub(super) struct Meeting {
    pub(super) key: Key,
    /// Their kinds exclude each other and they came within the window, so many nanoseconds apart.
    pub(super) near_miss: Option<u64>,
    pub(super) hand_over: bool,
}

/// A delay that nobody walked into, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tried {
    /// What the pairs asked for.
    pub(super) wanted: u64,
    /// How much of it there was.
    pub(super) slept: u64,
}

/// What a delay at a spot is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Prospect {
    pub(super) chance: f64,
    pub(super) length: u64,
    /// An earlier run has seen the pair, so it may be this run's first sight of either side.
    pub(super) planned: bool,
}

/// Every pair.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    table: HashMap<Key, Pair>,
    /// The pairs with an armed side, by map and spot.
    armed: HashMap<(u64, u64), Vec<Key>>,
    evicted: u64,
    changes: u64,
}

impl Pairs {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Pair> {
        self.table.values()
    }

    /// The pairs that were armed and have no side left to try, but were not caught.
    pub(super) fn given_up(&self) -> Vec<Key> {
        let given_up = |pair: &Pair| !pair.known && !pair.is_armed() && pair.sides[0] != Side::Idle;
        self.table.iter().filter(|(_, pair)| given_up(pair)).map(|(key, _)| *key).collect()
    }

    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(super) fn has_armed(&self) -> bool {
        !self.armed.is_empty()
    }

    /// Takes note of a meeting. With `longest`, the longest delay allowed, a near miss arms the pair. Whether it is news for
    /// the plan.
    pub(super) fn meet(&mut self, meeting: &Meeting, longest: Option<u64>, describe: impl FnOnce() -> Pair) -> bool {
        let Meeting { key, near_miss, hand_over } = *meeting;
        let pair = self.touch(key, describe);
        pair.hand_overs += u64::from(hand_over);
        let Some(gap) = near_miss else { return false };
        pair.near_misses += 1;
        pair.closest = Some(pair.closest.map_or(gap, |closest| closest.min(gap)));
        let idle = pair.sides[0] == Side::Idle && !pair.known;
        match longest {
            Some(longest) if idle => {
                self.arm(key, gap.saturating_mul(2).clamp(SHORTEST.min(longest), longest));
                true
            }
            _ => false,
        }
    }

    /// Takes over what an earlier run has left: a pair to hunt, with the delay to begin with, or one that is known.
    pub(super) fn adopt(&mut self, key: Key, delay: Option<u64>, describe: impl FnOnce() -> Pair) {
        let pair = self.touch(key, describe);
        pair.planned = true;
        match delay {
            None => {
                pair.known = true;
                self.disarm(key);
            }
            Some(length) if pair.sides[0] == Side::Idle && !pair.known => self.arm(key, length),
            Some(_) => {}
        }
    }

    /// Takes note that the pair was reported. Whether that is news.
    pub(super) fn find(&mut self, key: Key, describe: impl FnOnce() -> Pair) -> bool {
        let pair = self.touch(key, describe);
        let news = !std::mem::replace(&mut pair.known, true);
        self.disarm(key);
        news
    }

    /// What a delay at this spot of this map is worth: the best chance there is, and the longest delay of those with it.
    pub(super) fn prospect(&self, map: u64, spot: u64) -> Option<Prospect> {
        let pairs = self.armed.get(&(map, spot))?.iter().filter_map(|key| Some((key, self.table.get(key)?)));
        let prospects = pairs.filter_map(|(key, pair)| match pair.sides[key.side(spot)] {
            Side::Armed { chance, length, .. } => Some(Prospect { chance, length, planned: pair.planned }),
            _ => None,
        });
        prospects.reduce(|one, other| {
            let better = (other.chance, other.length) > (one.chance, one.length);
            let best = if better { other } else { one };
            Prospect { planned: one.planned || other.planned, ..best }
        })
    }

    /// Nobody walked into a delay at this spot. Whether a side is given up for it.
    pub(super) fn in_vain(&mut self, map: u64, spot: u64, tried: Tried, longest: u64) -> bool {
        let Some(keys) = self.armed.get(&(map, spot)).cloned() else { return false };
        let mut news = false;
        for key in keys {
            let Some(pair) = self.table.get_mut(&key) else { continue };
            let side = &mut pair.sides[key.side(spot)];
            // One that wants a longer delay has not had its turn.
            if let Side::Armed { length, .. } = *side
                && length <= tried.wanted
            {
                pair.delays += 1;
                if side.decay(tried.slept as f64 / length as f64, longest) {
                    self.unlist(key, spot);
                    news = true;
                }
            }
        }
        news
    }

    /// The delay `number`, at `delayed`, held up a thread on its way to `other`. Whether that makes the two count as ordered.
    pub(super) fn hold_up(&mut self, map: u64, delayed: u64, other: u64, number: u64) -> bool {
        let key = Key::new(map, delayed, other);
        let Some(pair) = self.table.get_mut(&key) else { return false };
        let ordered = pair.sides[key.side(delayed)].hold_up(number);
        if ordered {
            self.unlist(key, delayed);
        }
        ordered
    }

    fn touch(&mut self, key: Key, describe: impl FnOnce() -> Pair) -> &mut Pair {
        self.changes += 1;
        if self.table.len() >= CAPACITY && !self.table.contains_key(&key) {
            self.make_room();
        }
        let pair = self.table.entry(key).or_insert_with(describe);
        pair.touched = self.changes;
        pair
    }

    fn make_room(&mut self) {
        // What is known would crowd out what is to be found, for good.
        let crowded = self.table.values().filter(|pair| pair.known).count() > MOST_KNOWN;
        let worth = |pair: &Pair| (pair.worth().0 * u8::from(!(crowded && pair.known)), pair.worth().1);
        let mut keys: Vec<_> = self.table.iter().map(|(key, pair)| (worth(pair), *key)).collect();
        keys.sort_unstable();
        for (_, key) in keys.into_iter().take(MADE_ROOM) {
            self.disarm(key);
            self.table.remove(&key);
            self.evicted += 1;
        }
    }

    fn arm(&mut self, key: Key, length: u64) {
        let Some(pair) = self.table.get_mut(&key) else { return };
        for side in key.sides() {
            pair.sides[side] = Side::Armed { chance: 1.0, length, held_up: HeldUpBy::default() };
            self.armed.entry((key.map, key.spots[side])).or_default().push(key);
        }
    }

    fn disarm(&mut self, key: Key) {
        for side in key.sides() {
            self.unlist(key, key.spots[side]);
            if let Some(pair) = self.table.get_mut(&key)
                && matches!(pair.sides[side], Side::Armed { .. })
            {
                pair.sides[side] = Side::Idle;
            }
        }
    }

    fn unlist(&mut self, key: Key, spot: u64) {
        if let Some(keys) = self.armed.get_mut(&(key.map, spot)) {
            keys.retain(|other| *other != key);
            if keys.is_empty() {
                self.armed.remove(&(key.map, spot));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Access, Operation};
    use crate::hunt::spot::Spot;

    const MS: u64 = 1_000_000;
    const LONGEST: u64 = 10 * MS;
    const MAP: u64 = 1;

    fn pair() -> Pair {
        let spot = Spot::from(Access::here(Operation::Insert));
        Pair::new(spot.place.clone(), "sessions".to_owned(), [spot.clone(), spot])
    }

    fn near_miss(pairs: &mut Pairs, one: u64, other: u64, gap: u64) -> bool {
        let meeting = Meeting { key: Key::new(MAP, one, other), near_miss: Some(gap), hand_over: true };
        pairs.meet(&meeting, Some(LONGEST), pair)
    }

    fn whole(length: u64) -> Tried {
        Tried { wanted: length, slept: length }
    }

    #[test]
    fn a_delay_that_was_cut_short_counts_for_as_much_as_there_was_of_it() {
        let mut pairs = Pairs::default();
        near_miss(&mut pairs, 7, 8, 4 * MS);
        let length = 8 * MS;
        for _ in 0..8 {
            assert!(!pairs.in_vain(MAP, 7, Tried { wanted: length, slept: MS }, LONGEST));
        }
        let prospect = pairs.prospect(MAP, 7).expect("one delay's worth is not all");
        assert_eq!(prospect.length, length, "it has not been tried");
        assert!((prospect.chance - 0.7).abs() < 1e-6, "eight eighths are as much as a whole: {prospect:?}");
    }

    #[test]
    fn a_near_miss_arms_both_sides_with_a_delay_that_bridges_the_gap() {
        let mut pairs = Pairs::default();
        assert_eq!(pairs.prospect(MAP, 7), None);
        assert!(near_miss(&mut pairs, 7, 8, MS), "the first is news");
        assert!(!near_miss(&mut pairs, 7, 8, 2 * MS), "the second is not");
        for spot in [7, 8] {
            let expected = Prospect { chance: 1.0, length: 2 * MS, planned: false };
            assert_eq!(pairs.prospect(MAP, spot), Some(expected));
            assert_eq!(pairs.prospect(MAP + 1, spot), None, "other maps are others' business");
        }
        assert!(near_miss(&mut pairs, 9, 9, 5), "an access may meet itself on another thread");
        assert_eq!(pairs.prospect(MAP, 9).map(|prospect| prospect.length), Some(SHORTEST));
        near_miss(&mut pairs, 10, 10, LONGEST);
        assert_eq!(pairs.prospect(MAP, 10).map(|prospect| prospect.length), Some(LONGEST));
    }

    #[test]
    fn a_hand_over_alone_and_a_near_miss_without_a_hunt_arm_nothing() {
        let mut pairs = Pairs::default();
        let key = Key::new(MAP, 7, 8);
        pairs.meet(&Meeting { key, near_miss: None, hand_over: true }, Some(LONGEST), pair);
        pairs.meet(&Meeting { key, near_miss: Some(5), hand_over: false }, None, pair);
        assert!(!pairs.has_armed());
        let seen = pairs.iter().next().expect("it is counted all the same");
        assert_eq!((seen.hand_overs, seen.near_misses, seen.closest), (1, 1, Some(5)));
    }

    #[test]
    fn delays_that_never_pay_decay_until_they_are_given_up() {
        let mut pairs = Pairs::default();
        near_miss(&mut pairs, 7, 8, 50_000);
        let mut last = Prospect { chance: 1.1, length: 0, planned: false };
        let mut delays = 0;
        while let Some(prospect) = pairs.prospect(MAP, 7) {
            assert!(prospect.chance < last.chance && prospect.length >= last.length, "{last:?}, then {prospect:?}");
            assert!(prospect.length <= LONGEST);
            let news = pairs.in_vain(MAP, 7, whole(prospect.length), LONGEST);
            assert_eq!(news, pairs.prospect(MAP, 7).is_none(), "that the side is given up is news");
            (last, delays) = (prospect, delays + 1);
            assert!(delays < 100, "a delay in vain is without consequence");
        }
        assert_eq!((delays, last.length), (9, LONGEST), "short at first, long at last, and then no more");
        assert_eq!(pairs.prospect(MAP, 8).map(|prospect| prospect.chance), Some(1.0), "the other side has its own");
        assert!(!near_miss(&mut pairs, 7, 8, 5), "what was given up stays so");
        assert_eq!(pairs.prospect(MAP, 7), None);
    }

    #[test]
    fn a_delay_too_short_for_a_pair_does_not_count_against_it() {
        let mut pairs = Pairs::default();
        near_miss(&mut pairs, 7, 8, 50_000);
        near_miss(&mut pairs, 7, 9, 2 * MS);
        pairs.in_vain(MAP, 7, whole(MS), LONGEST);
        let prospect = pairs.prospect(MAP, 7).expect("both are armed");
        assert_eq!((prospect.chance, prospect.length), (1.0, 4 * MS), "the far pair is next, at full chance");
    }

    #[test]
    fn a_side_that_holds_the_other_up_is_given_up() {
        let mut pairs = Pairs::default();
        near_miss(&mut pairs, 7, 8, MS);
        for _two_threads in 0..2 {
            assert!(!pairs.hold_up(MAP, 7, 8, 5));
            assert!(pairs.prospect(MAP, 7).is_some(), "once may be a coincidence, whoever was held up");
        }
        assert!(pairs.hold_up(MAP, 7, 8, 6), "that they are ordered is news");
        assert_eq!(pairs.prospect(MAP, 7), None);
        assert!(pairs.prospect(MAP, 8).is_some(), "nothing is known of the other order");
    }

    #[test]
    fn what_was_reported_is_not_hunted() {
        let mut pairs = Pairs::default();
        near_miss(&mut pairs, 7, 8, MS);
        assert!(pairs.find(Key::new(MAP, 8, 7), pair));
        assert!(!pairs.find(Key::new(MAP, 7, 8), pair));
        near_miss(&mut pairs, 7, 8, MS);
        assert!(!pairs.has_armed());

        pairs.adopt(Key::new(MAP, 1, 2), None, pair);
        near_miss(&mut pairs, 1, 2, MS);
        assert!(!pairs.has_armed(), "nor what an earlier run has reported");
        pairs.adopt(Key::new(MAP, 3, 4), Some(3 * MS), pair);
        let expected = Prospect { chance: 1.0, length: 3 * MS, planned: true };
        assert_eq!(pairs.prospect(MAP, 4), Some(expected));
    }

    #[test]
    fn the_table_is_bounded_and_keeps_what_is_worth_most() {
        let mut pairs = Pairs::default();
        pairs.find(Key::new(MAP, 0, 0), pair);
        near_miss(&mut pairs, 1, 1, MS);
        near_miss(&mut pairs, 1, 0, MS);
        for (spot, number) in [(0, 1), (0, 2), (1, 3), (1, 4)] {
            pairs.hold_up(MAP, spot, 1 - spot, number);
        }
        for other in 0..10 * CAPACITY as u64 {
            let key = Key::new(MAP, 2, 2 + other);
            pairs.meet(&Meeting { key, near_miss: None, hand_over: true }, Some(LONGEST), pair);
            assert!(pairs.table.len() <= CAPACITY);
        }
        assert_eq!(pairs.evicted() as usize + pairs.table.len(), 10 * CAPACITY + 3, "each is kept or counted");
        assert!(pairs.table.contains_key(&Key::new(MAP, 0, 0)), "what is known");
        assert!(pairs.prospect(MAP, 1).is_some(), "what is hunted");
        let ordered = pairs.table.get(&Key::new(MAP, 0, 1)).map(|pair| pair.sides);
        assert_eq!(ordered, Some([Side::Ordered; 2]), "what was found to be in vain");
        for other in 0..10 * CAPACITY as u64 {
            near_miss(&mut pairs, 5, 5 + other, MS);
        }
        let listed: usize = pairs.armed.values().map(Vec::len).sum();
        assert!(listed <= 2 * CAPACITY, "what goes from the table goes from the list");
    }

    #[test]
    fn known_pairs_leave_room_for_those_to_be_found() {
        let mut pairs = Pairs::default();
        for spot in 0..2 * CAPACITY as u64 {
            pairs.adopt(Key::new(MAP, spot, spot), None, pair);
        }
        let first = 10 * CAPACITY as u64;
        let room = (CAPACITY - MOST_KNOWN) as u64;
        for spot in first..first + room {
            near_miss(&mut pairs, spot, spot, MS);
        }
        let hunted = (first..first + room).filter(|spot| pairs.prospect(MAP, *spot).is_some()).count();
        assert_eq!(hunted as u64, room);
        assert!(pairs.iter().filter(|pair| pair.known).count() >= MOST_KNOWN - MADE_ROOM);
    }
}
