//! A std-signature map behind a `static`, as the programs have it that it is made for: `unsafe` says that one thread at a time
//! is in there, and it is not true.
//!
//! Only single calls, whose answers are dropped or copied inside the call: what is done with a reference that a call has
//! returned is not the map's to guard.

#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::sync::{Arc, LazyLock};
use std::thread;

use checkedmap::Mode;
use checkedmap::hash_map::HashMap;

use crate::dice::Dice;
use crate::rendezvous::Rendezvous;

const THREADS: u64 = 4;
const ROUNDS: u64 = if cfg!(debug_assertions) { 3_000 } else { 10_000 };
/// Keys that every thread inserts and removes.
const COMMON: u64 = 48;
/// Where each thread's own keys begin, which nobody else touches.
const OWN: u64 = 1_000;

/// Values are on the heap, where the sanitizers see a use after free.
type Map = HashMap<u64, Box<u64>>;

struct Shared(UnsafeCell<Map>);

// SAFETY: none; that is the mistake the map is there to catch.
unsafe impl Sync for Shared {}

impl Shared {
    fn new(name: &'static str, mode: Mode) -> Self {
        let map = Map::named(name);
        map.set_mode(mode);
        Self(UnsafeCell::new(map))
    }

    #[allow(clippy::mut_from_ref)]
    fn map(&self) -> &mut Map {
        // SAFETY: the pointer is valid; that it is the only one is what the callers break on purpose.
        unsafe { &mut *self.0.get() }
    }
}

static LOG: LazyLock<Shared> = LazyLock::new(|| Shared::new("stress-hash-map-log", Mode::Log));
static FALLBACK: LazyLock<Shared> = LazyLock::new(|| Shared::new("stress-hash-map-fallback", Mode::Fallback));

/// Entries that went in less those that came out, of the common keys, by what the calls answered.
type Balance = i64;

/// One thread's share.
fn act(shared: &Shared, thread: u64) -> Balance {
    let mut dice = Dice::new(thread);
    let mut balance = 0;
    for round in 0..ROUNDS {
        let key = dice.below(COMMON);
        match dice.below(10) {
            0..3 => balance += Balance::from(shared.map().insert(key, Box::new(key)).is_none()),
            3..5 => balance -= Balance::from(shared.map().remove(&key).is_some()),
            5 => {
                if let Some((found, value)) = shared.map().remove_entry(&key) {
                    assert_eq!((found, *value), (key, key));
                    balance -= 1;
                }
            }
            6 => {
                shared.map().retain(|found, value| {
                    assert_eq!(*found % OWN, **value % OWN, "a value under another's key");
                    let keep = *found != key;
                    balance -= Balance::from(!keep);
                    keep
                });
            }
            7 => {
                let new: Vec<_> = (0..4).map(|more| key + more * COMMON).filter(|key| *key >= COMMON).collect();
                shared.map().extend(new.iter().map(|key| (thread * OWN + key, Box::new(thread * OWN + key))));
                assert!(new.iter().all(|key| shared.map().contains_key(&(thread * OWN + key))), "an entry was lost");
                shared.map().retain(|key, _| key / OWN != thread);
            }
            8 => assert!(shared.map().len() as u64 <= COMMON + THREADS * 4, "more entries than keys"),
            _ => {
                let own = thread * OWN + round % OWN;
                assert!(shared.map().insert(own, Box::new(own)).is_none(), "an entry of this thread's own was there");
                assert_eq!(shared.map().remove(&own).as_deref(), Some(&own), "an entry of this thread's own was lost");
            }
        }
    }
    balance
}

fn storm(shared: &'static Shared) {
    let start = Arc::new(Rendezvous::new(THREADS as usize));
    let threads: Vec<_> = (1..=THREADS)
        .map(|number| {
            let start = Arc::clone(&start);
            thread::spawn(move || {
                start.join().meet();
                act(shared, number)
            })
        })
        .collect();
    let balance: Balance = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    let map = shared.map();
    let mut keys: Vec<u64> = map.iter().map(|(key, value)| (*key == **value).then_some(*key).unwrap()).collect();
    keys.sort_unstable();
    let length = keys.len();
    keys.dedup();
    assert_eq!(
        (keys.len(), map.len() as Balance),
        (length, balance),
        "the calls' answers and the table differ: {keys:?}"
    );
    assert!(keys.iter().all(|key| *key < COMMON && map.contains_key(key)), "{keys:?}");
}

#[test]
fn log_keeps_the_table_whole() {
    storm(&LOG);
}

#[test]
fn fallback_keeps_the_table_whole() {
    storm(&FALLBACK);
}
