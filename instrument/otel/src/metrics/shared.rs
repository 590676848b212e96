//! Which maps are shared: near misses and hand-overs by pair of accesses, as the library counts them on request.
//!
//! The library's table is bounded too, and forgets pairs. A counter must not fall, and the sum over all series must stay
//! right, so what is told here is added up from what was new at each look. A pair that has its series keeps it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use checkedmap::observe::{PairState, SharedPair, SharedPairs};
use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;
use parking_lot::Mutex;

use super::pairs::{OTHER, PAIRS};
use super::{NAMES, of_map, signed};
use crate::names::{label, metric};

const STATES: [PairState; 5] =
    [PairState::Watched, PairState::Hunted, PairState::Ordered, PairState::GivenUp, PairState::Known];

/// What a pair is called. Maps of one name that are made at several places share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    map: String,
    /// In the order of the alphabet.
    accesses: [String; 2],
}

impl Key {
    fn of(pair: &SharedPair) -> Self {
        let mut accesses = pair.sites.each_ref().map(|access| format!("{} at {}", access.operation, access.site));
        accesses.sort();
        Self { map: pair.map.clone(), accesses }
    }

    fn other() -> Self {
        Self { map: OTHER.to_owned(), accesses: [OTHER, OTHER].map(str::to_owned) }
    }

    fn labels(&self) -> [KeyValue; 3] {
        let [a, b] = self.accesses.clone();
        [of_map(&self.map), KeyValue::new(label::ACCESS_A, a), KeyValue::new(label::ACCESS_B, b)]
    }
}

/// What the library says of a pair.
struct Seen {
    key: Key,
    counts: Counts,
    state: PairState,
}

impl From<&SharedPair> for Seen {
    fn from(pair: &SharedPair) -> Self {
        let counts = Counts { near_misses: pair.near_misses, hand_overs: pair.hand_overs };
        Self { key: Key::of(pair), counts, state: pair.state }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    near_misses: u64,
    hand_overs: u64,
}

impl Counts {
    /// What is new since `before`. A pair that was forgotten and came back counts from zero.
    fn since(self, before: Self) -> Self {
        let new = |now: u64, before: u64| now.checked_sub(before).unwrap_or(now);
        Self {
            near_misses: new(self.near_misses, before.near_misses),
            hand_overs: new(self.hand_overs, before.hand_overs),
        }
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.near_misses += more.near_misses;
        self.hand_overs += more.hand_overs;
    }
}

/// What is told.
#[derive(Default)]
struct Totals {
    series: BTreeMap<Key, Counts>,
    /// All pairs that have no series.
    other: Option<Counts>,
    /// By map, in the order of [`STATES`]; the maps beyond the limit together.
    states: BTreeMap<String, [u64; STATES.len()]>,
    evicted: u64,
    /// What the library's table said at the last look.
    before: HashMap<Key, Counts>,
}

impl Totals {
    /// Takes the pairs that the library knows now, in its order.
    fn look(&mut self, pairs: impl IntoIterator<Item = Seen>, evicted: u64) {
        for states in self.states.values_mut() {
            *states = Default::default();
        }
        // Where there are too many at the first look, those that say most get series: they come first.
        let mut order = Vec::new();
        let mut now: HashMap<Key, Counts> = HashMap::new();
        for Seen { key, counts, state } in pairs {
            self.count_state(&key.map, state);
            let sum = now.entry(key.clone()).or_insert_with(|| {
                order.push(key);
                Counts::default()
            });
            *sum += counts;
        }
        for key in order {
            let new = now[&key].since(self.before.get(&key).copied().unwrap_or_default());
            if let Some(counts) = self.series.get_mut(&key) {
                *counts += new;
            } else if self.series.len() < PAIRS {
                self.series.insert(key, new);
            } else {
                *self.other.get_or_insert_default() += new;
            }
        }
        self.before = now;
        self.evicted = evicted;
    }

    fn count_state(&mut self, map: &str, state: PairState) {
        let map = if self.states.len() < NAMES || self.states.contains_key(map) { map } else { OTHER };
        let states = self.states.entry(map.to_owned()).or_default();
        if let Some(place) = STATES.iter().position(|own| *own == state) {
            states[place] += 1;
        }
    }

    fn counts(&self) -> impl Iterator<Item = (Key, Counts)> {
        let other = self.other.map(|counts| (Key::other(), counts));
        self.series.iter().map(|(key, counts)| (key.clone(), *counts)).chain(other)
    }

    /// Whether anything was ever counted: what is off has no series.
    fn is_on(&self) -> bool {
        !self.series.is_empty()
    }
}

/// See the module's page.
pub(super) struct Shared(Arc<Mutex<Totals>>);

impl Shared {
    pub(super) fn new(meter: &Meter) -> Self {
        let shared = Self(Arc::default());
        shared.observe(
            meter,
            metric::NEAR_MISSES,
            "{near_miss}",
            "Two accesses close in time, one a write",
            |counts| counts.near_misses,
        );
        shared.observe(meter, metric::HAND_OVERS, "{hand_over}", "One access right after another thread's", |counts| {
            counts.hand_overs
        });
        let totals = Arc::clone(&shared.0);
        meter
            .i64_observable_up_down_counter(metric::PAIR_STATE)
            .with_unit("{pair}")
            .with_description("Pairs of accesses by what is to become of them in a hunt")
            .with_callback(move |observer| {
                for (map, states) in &totals.lock().states {
                    for (state, count) in STATES.iter().zip(states) {
                        observer.observe(signed(*count), &[of_map(map), KeyValue::new(label::STATE, state.as_str())]);
                    }
                }
            })
            .build();
        let totals = Arc::clone(&shared.0);
        meter
            .u64_observable_counter(metric::PAIRS_EVICTED)
            .with_unit("{pair}")
            .with_description("Pairs of accesses forgotten for lack of room")
            .with_callback(move |observer| {
                let totals = totals.lock();
                if totals.is_on() {
                    observer.observe(totals.evicted, &[]);
                }
            })
            .build();
        shared
    }

    fn observe(
        &self,
        meter: &Meter,
        name: &'static str,
        unit: &'static str,
        description: &'static str,
        value: fn(Counts) -> u64,
    ) {
        let totals = Arc::clone(&self.0);
        meter
            .u64_observable_counter(name)
            .with_unit(unit)
            .with_description(description)
            .with_callback(move |observer| {
                for (key, counts) in totals.lock().counts() {
                    observer.observe(value(counts), &key.labels());
                }
            })
            .build();
    }

    /// Takes what the library says now.
    pub(super) fn look(&mut self, shared: SharedPairs) {
        self.0.lock().look(shared.pairs.iter().map(Seen::from), shared.evicted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(line: usize, near_misses: u64) -> Seen {
        let accesses = ["get", "insert"].map(|operation| format!("{operation} at src/login.rs:{line}:9"));
        let key = Key { map: "sessions".to_owned(), accesses };
        Seen { key, counts: Counts { near_misses, hand_overs: 2 * near_misses }, state: PairState::Watched }
    }

    /// The near misses told, by the line of their pair; `None` is the others'.
    fn told(totals: &Totals) -> Vec<(Option<usize>, u64)> {
        let line = |key: &Key| key.accesses[0].split(':').nth(1).map(|line| line.parse().expect("a line"));
        totals.counts().map(|(key, counts)| (line(&key), counts.near_misses)).collect()
    }

    fn sum(totals: &Totals) -> u64 {
        told(totals).iter().map(|(_, near_misses)| near_misses).sum()
    }

    #[test]
    fn pairs_beyond_the_limit_share_a_series_and_nobody_changes_places() {
        let mut totals = Totals::default();
        totals.look((0..PAIRS + 20).map(|line| seen(line, 3)), 0);
        assert_eq!(totals.series.len(), PAIRS);
        assert_eq!(told(&totals).last(), Some(&(None, 20 * 3)));
        // Those without a series come to the front of the library's list: their series stays the common one.
        totals.look((0..PAIRS + 20).rev().map(|line| seen(line, if line < PAIRS { 3 } else { 50 })), 0);
        assert!(told(&totals).iter().all(|(line, count)| line.is_none() || *count == 3), "{:?}", told(&totals));
        assert_eq!(told(&totals).last(), Some(&(None, 20 * 50)));
        assert_eq!(totals.counts().map(|(_, counts)| counts.hand_overs).sum::<u64>(), 2 * sum(&totals));
    }

    #[test]
    fn a_pair_that_was_forgotten_stays_counted() {
        let mut totals = Totals::default();
        totals.look([seen(1, 10), seen(2, 4)], 0);
        totals.look([seen(2, 5)], 1);
        assert_eq!((told(&totals), totals.evicted), (vec![(Some(1), 10), (Some(2), 5)], 1));
        // It is back, and counts from zero.
        totals.look([seen(1, 2), seen(2, 5)], 1);
        assert_eq!(told(&totals), [(Some(1), 12), (Some(2), 5)]);
        totals.look([seen(1, 3), seen(2, 5)], 1);
        assert_eq!(told(&totals), [(Some(1), 13), (Some(2), 5)]);
    }

    #[test]
    fn maps_of_one_name_are_one_pair() {
        let mut totals = Totals::default();
        totals.look([seen(1, 10), seen(1, 4)], 0);
        totals.look([seen(1, 11), seen(1, 4)], 0);
        assert_eq!(told(&totals), [(Some(1), 15)]);
        assert_eq!(totals.states["sessions"], [2, 0, 0, 0, 0]);
    }

    #[test]
    fn a_state_that_no_pair_is_in_any_more_is_zero() {
        let mut totals = Totals::default();
        totals.look([Seen { state: PairState::Hunted, ..seen(1, 1) }], 0);
        totals.look([Seen { state: PairState::Known, ..seen(1, 1) }], 0);
        assert_eq!(totals.states["sessions"], [0, 0, 0, 0, 1]);
        totals.look([], 1);
        assert_eq!(totals.states["sessions"], [0; STATES.len()]);
    }

    #[test]
    fn what_is_off_has_no_series() {
        let mut totals = Totals::default();
        totals.look([], 0);
        assert!(!totals.is_on() && totals.counts().next().is_none() && totals.states.is_empty());
    }
}
