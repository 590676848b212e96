//! What a monitor may ask about which maps are shared.

use std::fmt;
use std::time::Duration;

use super::pairs::{Pair, Side};
use super::spot::Spot;
use crate::access::Operation;
use crate::report::SourceSite;

/// What is to become of a pair of accesses in a hunt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PairState {
    /// It is counted only: no near miss was seen, or nothing is hunted.
    Watched,
    /// Accesses are delayed so that it may overlap.
    Hunted,
    /// Two delays or more at one of the two were seen to hold the other up, as a lock around both does, so no more are made
    /// there. Threads that stood still for another reason look the same: that the two cannot overlap is not proven.
    Ordered,
    /// Delays were in vain, and no more are made.
    GivenUp,
    /// It was reported, in this run or an earlier one, and is not hunted any more.
    Known,
}

impl PairState {
    /// The name for telemetry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Watched => "watched",
            Self::Hunted => "hunted",
            Self::Ordered => "ordered",
            Self::GivenUp => "given_up",
            Self::Known => "known",
        }
    }
}

impl fmt::Display for PairState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An operation at a place in the source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AccessSite {
    /// What is done.
    pub operation: Operation,
    /// Where the program asks for it.
    pub site: SourceSite,
}

impl fmt::Display for AccessSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` at {}", self.operation, self.site)
    }
}

impl From<&Spot> for AccessSite {
    fn from(spot: &Spot) -> Self {
        Self { operation: spot.operation, site: (&spot.place).into() }
    }
}

/// Two accesses, by different threads, that came one right after or shortly after the other on the same map.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedPair {
    /// The map's name, or where it was made.
    pub map: String,
    /// The two accesses, which may be the same; in no order.
    pub sites: [AccessSite; 2],
    /// How often the two came within the window, one of them a write.
    pub near_misses: u64,
    /// How often one came right after the other, however much later and whatever their kinds.
    pub hand_overs: u64,
    /// The shortest time between them, where they were a near miss.
    pub closest: Option<Duration>,
    /// How many delays were made for them.
    pub delays: u64,
    /// What is to become of them in a hunt.
    pub state: PairState,
}

impl From<&Pair> for SharedPair {
    fn from(pair: &Pair) -> Self {
        let has = |wanted: fn(&Side) -> bool| pair.sides.iter().any(wanted);
        let state = if pair.known {
            PairState::Known
        } else if has(|side| matches!(side, Side::Armed { .. })) {
            PairState::Hunted
        } else if has(|side| matches!(side, Side::Ordered)) {
            PairState::Ordered
        } else if has(|side| matches!(side, Side::Spent)) {
            PairState::GivenUp
        } else {
            PairState::Watched
        };
        Self {
            map: pair.label.clone(),
            sites: [AccessSite::from(&pair.spots[0]), AccessSite::from(&pair.spots[1])],
            near_misses: pair.near_misses,
            hand_overs: pair.hand_overs,
            closest: pair.closest.map(Duration::from_nanos),
            delays: pair.delays,
            state,
        }
    }
}

/// Which maps are shared, by pairs of accesses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedPairs {
    /// The pairs, those with most near misses first. At most 1,024. Those that are known from a plan or a report alone, and have
    /// not come close in this process, are not among them.
    pub pairs: Vec<SharedPair>,
    /// Pairs that are not among them, for lack of room.
    pub evicted: u64,
}
