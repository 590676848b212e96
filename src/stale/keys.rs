//! What is known of single keys: of as many as there are, up to a bound.

use std::time::Instant;

use hashbrown::HashTable;

use super::act::{Change, Seen};
use super::actor::Actor;
use super::event::Event;
use super::table::{Limits, note_eviction};

/// Of so many keys that lie side by side, the one that was left alone for longest makes room for a new one.
const SAMPLE: usize = 8;

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
    lookups: Vec<Lookup>,
    /// The last write that settled whether there is an entry.
    pub(super) settled: Option<Write>,
    /// The last access that was lent the value.
    pub(super) lent: Option<Write>,
    /// The last access to it at all.
    used: Instant,
}

/// See the module's page.
#[derive(Default)]
pub(super) struct Keys(HashTable<(u64, Box<Key>)>);

impl Keys {
    /// The memory of one key, made if need be.
    pub(super) fn key(&mut self, hash: u64, now: Instant, limits: Limits) -> &mut Key {
        let Self(table) = self;
        let hash = spread(hash);
        let known = table.find_bucket_index(hash, |(there, _)| *there == hash);
        let bucket = known.unwrap_or_else(|| {
            if table.len() >= limits.keys {
                evict(table, hash, now, limits);
            }
            let key = Key { lookups: Vec::new(), settled: None, lent: None, used: now };
            table.insert_unique(hash, (hash, Box::new(key)), |(hash, _)| *hash).bucket_index()
        });
        let (_, key) = table.get_bucket_mut(bucket).expect("it is there, or was made");
        key.used = now;
        key
    }
}

/// Hashers for integers may leave the bits as they are, and keys are often multiples of something.
fn spread(hash: u64) -> u64 {
    let product = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    product ^ (product >> 32)
}

fn evict(table: &mut HashTable<(u64, Box<Key>)>, hash: u64, now: Instant, limits: Limits) {
    let buckets = table.num_buckets();
    let start = hash as usize % buckets;
    let used = |bucket| table.get_bucket(bucket).map(|(_, key)| (key.used, bucket));
    let oldest = (start..buckets).chain(0..start).filter_map(used).take(SAMPLE).min();
    if let Some((used, bucket)) = oldest
        && let Ok(entry) = table.get_bucket_entry(bucket)
    {
        note_eviction(used, now, limits);
        entry.remove();
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
