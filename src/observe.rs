//! What a monitor may ask: which named collections live, how they fare, how long accesses wait.
//!
//! Nothing here is paid for by an access that is admitted at once. A named collection registers when it gets its name; its
//! counts change only after a refusal; the number of accesses is the sum of the sequence numbers that the ledgers keep
//! anyway. Reports go another way, through the [sinks](crate::sink).

use std::borrow::Cow;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::access::Site;
use crate::config;
use crate::conflict::ConflictKind;
use crate::hunt::{self, Own};
pub use crate::hunt::{AccessSite, HuntStatus, PairState, SharedPair, SharedPairs};
use crate::ledger::current::REGISTRY;
use crate::policy::breaker::Breaker;
use crate::policy::{Circuit, Mode};
use crate::stale::Watch;
use crate::sync::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// `mode` while the collection follows the process's configuration.
pub(crate) const INHERIT: u32 = 0;

/// How long to try for a lock that another thread holds for microseconds. After a `fork` its holder may not exist.
const LOCK_PATIENCE: Duration = Duration::from_millis(20);

/// Waits kept for [`take_waits`] between two calls: a monitor that looks once a second sees every wait of a program in
/// which a thousand threads collide four times a second.
const WAITS: usize = 4096;

// Every Relaxed below: counts and settings for people, which publish nothing.

/// What changes about a collection as it is used. Written after refusals only, save for what stale checks remember.
pub(crate) struct Vitals {
    pub(crate) breaker: Breaker,
    /// [`INHERIT`] or a [`Mode`]. Written by `set_mode`.
    pub(crate) mode: AtomicU32,
    pub(crate) watch: Watch,
    /// The collection's own word on whether it is hunted in. Written by `set_hunt`.
    pub(crate) hunt: Own,
    /// Whether the gate is degraded, for those who cannot see the gate. Written under `transition`.
    degraded: AtomicBool,
    /// Keeps the order of changes to the gate and to `degraded` the same.
    transition: Mutex<()>,
    /// Conflicts, those folded into others' reports included. Written by contenders.
    conflicts: AtomicU64,
    /// Accesses that waited for their turn and got it. Written by contenders.
    waits: AtomicU64,
    /// How long these waited, in nanoseconds. Written by contenders.
    waited: AtomicU64,
}

impl Vitals {
    pub(crate) const fn new() -> Self {
        Self {
            breaker: Breaker::new(),
            mode: AtomicU32::new(INHERIT),
            watch: Watch::new(),
            hunt: Own::new(),
            degraded: AtomicBool::new(false),
            transition: Mutex::new(()),
            conflicts: AtomicU64::new(0),
            waits: AtomicU64::new(0),
            waited: AtomicU64::new(0),
        }
    }

    pub(crate) fn own_mode(&self) -> Option<Mode> {
        u8::try_from(self.mode.load(Ordering::Relaxed)).ok().and_then(Mode::from_u8)
    }

    /// Changes the gate's circuit. `change` says whether it did.
    pub(crate) fn turn(&self, degraded: bool, change: impl FnOnce() -> bool) -> bool {
        let _order = self.transition.try_lock_for(LOCK_PATIENCE);
        let changed = change();
        if changed {
            self.degraded.store(degraded, Ordering::Relaxed);
        }
        changed
    }

    pub(crate) fn count_conflict(&self) {
        self.conflicts.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_wait(&self, waited: Duration) {
        self.waits.fetch_add(1, Ordering::Relaxed);
        let nanoseconds = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        self.waited.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

/// A named collection, as the registry knows it.
pub(crate) struct Registered {
    pub(crate) vitals: Vitals,
    id: u64,
    name: Cow<'static, str>,
    type_name: &'static str,
    created: Site,
}

/// Every named collection, and those that are gone but not yet forgotten.
static COLLECTIONS: Mutex<Vec<Weak<Registered>>> = Mutex::new(Vec::new());

impl Registered {
    /// Adds a collection for as long as the `Arc` lives.
    pub(crate) fn new(id: u64, name: Cow<'static, str>, type_name: &'static str, created: Site) -> Arc<Self> {
        let registered = Arc::new(Self { vitals: Vitals::new(), id, name, type_name, created });
        if let Some(mut collections) = COLLECTIONS.try_lock_for(LOCK_PATIENCE) {
            if collections.len() == collections.capacity() {
                // Before the list grows: so it stays within twice the number of collections that live.
                collections.retain(|collection| collection.strong_count() > 0);
            }
            collections.push(Arc::downgrade(&registered));
        }
        registered
    }

    fn status(&self, now: Instant) -> MapStatus {
        let vitals = &self.vitals;
        MapStatus {
            id: self.id,
            name: self.name.clone().into_owned(),
            type_name: self.type_name,
            created: self.created,
            mode: vitals.own_mode().unwrap_or_else(|| config::mode_for(Some(&self.name))),
            stale_checks: vitals.watch.is_on(Some(&self.name)),
            hunt: vitals.hunt.get().unwrap_or_else(|| config::hunts_in(Some(&self.name))),
            circuit: vitals.breaker.circuit(vitals.degraded.load(Ordering::Relaxed), now),
            trips: vitals.breaker.trips(),
            conflicts: vitals.conflicts.load(Ordering::Relaxed),
            waits: vitals.waits.load(Ordering::Relaxed),
            waited: Duration::from_nanos(vitals.waited.load(Ordering::Relaxed)),
        }
    }
}

/// How one named collection fares.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MapStatus {
    /// A number that no other collection of this process has had or will have.
    pub id: u64,
    /// The name it was given; several collections may share one.
    pub name: String,
    /// The type of its contents.
    pub type_name: &'static str,
    /// Where it was made.
    pub created: Site,
    /// The mode in force.
    pub mode: Mode,
    /// Whether [stale checks](crate::stale) watch it.
    pub stale_checks: bool,
    /// Whether it is [hunted in](crate::docs::hunt).
    pub hunt: bool,
    /// The state of the circuit breaker.
    pub circuit: Circuit,
    /// How often the circuit has opened.
    pub trips: u32,
    /// Conflicts since it was made, those folded into another's report included.
    pub conflicts: u64,
    /// Accesses that were refused, waited, and got their turn.
    pub waits: u64,
    /// How long these waited altogether.
    pub waited: Duration,
}

/// The named collections alive at this moment, oldest first.
///
/// ```
/// let orders = checkedmap::CheckedMap::<u64, u64>::named("orders");
/// let alive = checkedmap::observe::maps();
/// assert_eq!(alive.last().unwrap().name, "orders");
/// drop(orders);
/// assert!(checkedmap::observe::maps().iter().all(|map| map.name != "orders"));
/// ```
#[must_use]
pub fn maps() -> Vec<MapStatus> {
    let Some(collections) = COLLECTIONS.try_lock_for(LOCK_PATIENCE) else { return Vec::new() };
    let alive: Vec<_> = collections.iter().filter_map(Weak::upgrade).collect();
    drop(collections);
    let now = Instant::now();
    alive.iter().map(|collection| collection.status(now)).collect()
}

/// How many accesses all threads have begun so far, on collections with a name and without, those refused included.
///
/// ```
/// let before = checkedmap::observe::accesses();
/// checkedmap::CheckedMap::new().insert(1, 2);
/// assert!(checkedmap::observe::accesses() > before);
/// ```
#[must_use]
pub fn accesses() -> u64 {
    REGISTRY.ledgers().map(|ledger| ledger.accesses()).sum()
}

/// Which maps are shared, and by whom: the pairs of accesses that came close to each other, or after each other on different
/// threads. They are counted on maps that are hunted in, and with `CHECKEDMAP_NEAR_MISSES=1` on all.
///
/// ```
/// use checkedmap::{CheckedMap, Config, observe};
///
/// Config::new().with_near_misses(true).apply();
/// let orders = CheckedMap::named("orders");
/// orders.insert(1, 2);
/// std::thread::scope(|scope| scope.spawn(|| orders.insert(2, 3)).join()).unwrap();
/// let shared = observe::shared_pairs();
/// assert_eq!((shared.pairs[0].map.as_str(), shared.pairs[0].hand_overs), ("orders", 1));
/// ```
#[must_use]
pub fn shared_pairs() -> SharedPairs {
    hunt::shared_pairs()
}

/// How the hunt goes; `None` where nothing is hunted.
///
/// ```
/// use checkedmap::{Config, Hunt, observe};
///
/// assert_eq!(observe::hunt(), None);
/// Config::new().with_hunt(Hunt::new()).with_hunt_seed(7).apply();
/// assert_eq!(observe::hunt().unwrap().seed, 7);
/// ```
#[must_use]
pub fn hunt() -> Option<HuntStatus> {
    hunt::status()
}

/// One access that was refused, waited and got its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// The collection's name, or where it was made.
    pub map: String,
    /// How it collided with whoever was inside.
    pub kind: ConflictKind,
    /// How long it waited.
    pub waited: Duration,
}

/// What [`take_waits`] returns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waits {
    /// The waits since the last call, in the order in which they ended.
    pub waits: Vec<Wait>,
    /// Waits since the last call that are not among them, for lack of room.
    pub dropped: u64,
}

static WAITED: Mutex<Waits> = Mutex::new(Waits { waits: Vec::new(), dropped: 0 });

/// Set by the first [`take_waits`]: a program without a monitor keeps no waits.
static WAITS_WANTED: AtomicBool = AtomicBool::new(false);

/// The waits that have ended since the last call. They are kept from the first call on.
///
/// There is one list: of two monitors in a process, each gets a part.
#[must_use]
pub fn take_waits() -> Waits {
    WAITS_WANTED.store(true, Ordering::Relaxed);
    WAITED.try_lock_for(LOCK_PATIENCE).map(|mut waits| std::mem::take(&mut *waits)).unwrap_or_default()
}

/// Keeps a wait for whoever [takes](take_waits) it.
pub(crate) fn keep_wait(kind: ConflictKind, waited: Duration, map: impl FnOnce() -> String) {
    if !WAITS_WANTED.load(Ordering::Relaxed) {
        return;
    }
    let wait = Wait { map: map(), kind, waited };
    if let Some(mut kept) = WAITED.try_lock_for(LOCK_PATIENCE) {
        if kept.waits.len() < WAITS {
            kept.waits.push(wait);
        } else {
            kept.dropped += 1;
        }
    }
}
