//! What is known of single keys: a bounded number of them, each in one of two places.

use std::time::Instant;

use super::act::{Change, Seen};
use super::actor::Actor;
use super::event::Event;
use super::table::{Limits, note_eviction};

/// Keys in one place. Of those in a full one, the key that was left alone for longest makes room.
const WAYS: usize = 8;

/// Places that are made together, as the first key comes to one of them: a map that is told to remember a million keys and
/// has a dozen pays for these.
const ROW: usize = 64;

/// Threads or tasks whose lookup of one key is remembered.
const LOOKERS: usize = 8;

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
    hash: u64,
    lookups: Vec<Lookup>,
    /// The last write that settled whether there is an entry.
    pub(super) settled: Option<Write>,
    /// The last access that was lent the value.
    pub(super) lent: Option<Write>,
    /// The last access to it at all.
    used: Instant,
}

/// Up to [`WAYS`] keys.
type Place = Vec<Key>;

/// See the module's page.
pub(super) struct Keys {
    /// Each has [`ROW`] places, or none yet.
    rows: Vec<Vec<Place>>,
    places: usize,
}

impl Keys {
    /// Room for as many keys as the limits say, which is kept to.
    pub(super) fn new(limits: Limits) -> Self {
        let places = limits.keys.div_ceil(WAYS).max(1);
        Self { rows: std::iter::repeat_with(Vec::new).take(places.div_ceil(ROW)).collect(), places }
    }

    /// The memory of one key, made if need be.
    ///
    /// A key has two places it may be in, and a new one goes where there is more room: with one, some places would overflow
    /// while the table is half empty.
    pub(super) fn key(&mut self, hash: u64, now: Instant, limits: Limits) -> &mut Key {
        // Hashers for integers may leave the low bits as they are, and keys are often multiples of something.
        let spread = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let either = [spread >> 48, (spread >> 24) & 0xff_ffff].map(|bits| bits as usize % self.places);
        let known = either.into_iter().find_map(|place| {
            let keys = self.rows[place / ROW].get(place % ROW)?;
            Some((place, keys.iter().position(|key| key.hash == hash)?))
        });
        let (place, index) = known.unwrap_or_else(|| {
            let [one, other] = either;
            let place = if self.place(other).len() < self.place(one).len() { other } else { one };
            let keys = self.place(place);
            if keys.len() == WAYS {
                let oldest = (0..WAYS).min_by_key(|index| keys[*index].used).expect("a place has ways");
                note_eviction(keys.swap_remove(oldest).used, now, limits);
            }
            keys.push(Key { hash, lookups: Vec::new(), settled: None, lent: None, used: now });
            (place, keys.len() - 1)
        });
        let key = &mut self.place(place)[index];
        key.used = now;
        key
    }

    fn place(&mut self, place: usize) -> &mut Place {
        let row = &mut self.rows[place / ROW];
        if row.is_empty() {
            row.resize_with(ROW.min(self.places), Place::new);
        }
        &mut row[place % ROW]
    }
}

impl Key {
    /// The actor's lookup.
    pub(super) fn lookup_by(&self, actor: Actor) -> Option<&Lookup> {
        self.lookups.iter().find(|lookup| lookup.event.actor == actor)
    }

    /// The actor's lookup counts no more.
    pub(super) fn forget(&mut self, actor: Actor) {
        self.lookups.retain(|lookup| lookup.event.actor != actor);
    }

    /// Adds a lookup; the oldest makes room.
    pub(super) fn remember(&mut self, lookup: Lookup, limits: Limits) {
        self.forget(lookup.event.actor);
        if self.lookups.len() == LOOKERS {
            note_eviction(self.lookups.remove(0).event.at, lookup.event.at, limits);
        }
        self.lookups.push(lookup);
    }
}
