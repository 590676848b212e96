//! What is known of single keys: of as many as there are, up to a bound.

use std::time::Instant;

use hashbrown::HashTable;

use super::act::{Change, Seen};
use super::actor::Actor;
use super::event::Event;
use super::table::{Limits, note_eviction};

/// Of so many keys that lie side by side, one makes room for a new one.
const SAMPLE: usize = 8;

/// Threads or tasks whose lookup of one key is remembered, whatever there is of other keys.
const LOOKERS: usize = 8;

/// Threads or tasks whose lookup of one key is remembered at most: beyond [`LOOKERS`] all keys together have as many more as
/// there are keys. Where each request is a task, a key that all of them look up has more readers within a second than its
/// share, and most keys have one.
const CROWD: usize = 256;

/// A key looked up, and by whom.
pub(super) struct Lookup {
    pub(super) event: Event,
    pub(super) seen: Seen,
    pub(super) order: u64,
}

/// A key written, and by whom.
pub(super) struct Write {
    pub(super) event: Event,
    /// `None` for a write to the whole map: its operation says what it may have done.
    pub(super) change: Option<Change>,
    pub(super) order: u64,
}

/// What is known of one key.
pub(super) struct Key {
    lookups: Vec<Lookup>,
    /// The last write that settled whether there is an entry.
    pub(super) settled: Option<Write>,
    /// The last access that was lent the value.
    pub(super) lent: Option<Write>,
    /// The last access to it at all.
    used: Instant,
}

/// Where a key is, until the next one is made.
#[derive(Clone, Copy)]
pub(super) struct Spot(usize);

/// See the module's page.
#[derive(Default)]
pub(super) struct Keys {
    table: HashTable<(u64, Box<Key>)>,
    /// Lookups beyond [`LOOKERS`] of their keys.
    crowded: usize,
}

impl Keys {
    /// A key that something is known of.
    pub(super) fn find(&mut self, hash: u64, now: Instant) -> Option<Spot> {
        let hash = spread(hash);
        let spot = Spot(self.table.find_bucket_index(hash, |(there, _)| *there == hash)?);
        self.at_mut(spot).used = now;
        Some(spot)
    }

    /// The memory of one key, made if need be. What no more than a hint can rest on is `weak` and takes no room from what
    /// more can.
    pub(super) fn find_or_make(&mut self, hash: u64, now: Instant, weak: bool, limits: Limits) -> Option<Spot> {
        if let Some(spot) = self.find(hash, now) {
            return Some(spot);
        }
        let hash = spread(hash);
        if self.table.len() >= limits.keys {
            self.make_room(hash, now, weak, limits)?;
        }
        let key = Key { lookups: Vec::new(), settled: None, lent: None, used: now };
        let entry = self.table.insert_unique(hash, (hash, Box::new(key)), |(hash, _)| *hash);
        Some(Spot(entry.bucket_index()))
    }

    pub(super) fn at(&self, spot: Spot) -> &Key {
        let (_, key) = self.table.get_bucket(spot.0).expect("no key was made or removed since it was found");
        key
    }

    pub(super) fn at_mut(&mut self, spot: Spot) -> &mut Key {
        let (_, key) = self.table.get_bucket_mut(spot.0).expect("no key was made or removed since it was found");
        key
    }

    /// Adds a lookup, which takes the place of the actor's last.
    pub(super) fn remember(&mut self, spot: Spot, lookup: Lookup, limits: Limits) {
        self.forget(spot, lookup.event.actor);
        let most = if self.crowded < limits.keys { CROWD } else { LOOKERS };
        self.change(spot, |key| key.remember(lookup, most, limits));
    }

    /// The actor's lookup counts no more.
    pub(super) fn forget(&mut self, spot: Spot, actor: Actor) {
        self.change(spot, |key| key.lookups.retain(|lookup| lookup.event.actor != actor));
    }

    fn change(&mut self, spot: Spot, change: impl FnOnce(&mut Key)) {
        let key = self.at_mut(spot);
        let before = key.crowd();
        change(key);
        let after = key.crowd();
        self.crowded = self.crowded + after - before;
    }

    /// Of a few keys the one that can be spared best goes, if any can: one that nobody has looked up who may yet act on that,
    /// else the one that was left alone for longest.
    fn make_room(&mut self, hash: u64, now: Instant, weak: bool, limits: Limits) -> Option<()> {
        let buckets = self.table.num_buckets();
        let start = hash as usize % buckets;
        let worth = |bucket| {
            let (_, key) = self.table.get_bucket(bucket)?;
            Some((key.is_looked_up(now, limits), key.used, bucket))
        };
        let (is_looked_up, _, bucket) = (start..buckets).chain(0..start).filter_map(worth).take(SAMPLE).min()?;
        if is_looked_up && weak {
            return None;
        }
        let ((_, key), _) = self.table.get_bucket_entry(bucket).ok()?.remove();
        self.crowded -= key.crowd();
        if is_looked_up {
            note_eviction();
        }
        Some(())
    }
}

/// Hashers for integers may leave the bits as they are, and keys are often multiples of something.
fn spread(hash: u64) -> u64 {
    let product = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    product ^ (product >> 32)
}

impl Key {
    /// The actor's lookup.
    pub(super) fn lookup_by(&self, actor: Actor) -> Option<&Lookup> {
        self.lookups.iter().find(|lookup| lookup.event.actor == actor)
    }

    pub(super) fn write(&mut self, write: Write) {
        let place = match write.change {
            Some(Change::Lent | Change::Opened) => &mut self.lent,
            _ => &mut self.settled,
        };
        *place = Some(write);
    }

    fn crowd(&self) -> usize {
        self.lookups.len().saturating_sub(LOOKERS)
    }

    /// Whether somebody has looked it up who may yet act on that.
    fn is_looked_up(&self, now: Instant, limits: Limits) -> bool {
        self.lookups.iter().any(|lookup| lookup.counts(now, limits))
    }

    /// Adds a lookup. Those that are past their window make room, then those that no more than a hint can rest on, then the
    /// oldest.
    fn remember(&mut self, lookup: Lookup, most: usize, limits: Limits) {
        let now = lookup.event.at;
        if self.lookups.len() >= most {
            self.lookups.retain(|lookup| lookup.is_within(now, limits));
        }
        if self.lookups.len() >= most {
            let weak = self.lookups.iter().position(|lookup| lookup.seen.is_weak());
            if weak.is_none() && lookup.seen.is_weak() {
                return;
            }
            if weak.is_none() {
                note_eviction();
            }
            self.lookups.remove(weak.unwrap_or(0));
        }
        self.lookups.push(lookup);
    }
}

impl Lookup {
    /// Whether it is recent enough to be acted on.
    pub(super) fn is_within(&self, now: Instant, limits: Limits) -> bool {
        now.saturating_duration_since(self.event.at) <= limits.window
    }

    /// Whether more than a hint may rest on it.
    fn counts(&self, now: Instant, limits: Limits) -> bool {
        !self.seen.is_weak() && self.is_within(now, limits)
    }
}
