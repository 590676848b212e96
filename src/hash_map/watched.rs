//! What a map that is watched for stale checks does besides.
//!
//! Nothing here is on the way of an access that is not watched: whether it is, its permit knows. The key is compared once
//! more, inside the access.

use std::borrow::Borrow;

use hashbrown::HashTable;

use crate::access::Operation;
use crate::checkpoint::Watcher;
use crate::stale::{Act, Seen, Suspect};

/// Remembers a lookup of a key.
#[cold]
#[inline(never)]
pub(super) fn look<K: Borrow<Q>, V, Q: Eq + ?Sized>(
    watcher: Watcher<'_>,
    table: &HashTable<(K, V)>,
    hash: u64,
    key: &Q,
    operation: Operation,
) {
    let found = holds(table, hash, key);
    let seen = match operation {
        Operation::ContainsKey => Seen::presence(found),
        _ => Seen::value(found),
    };
    watcher.saw(hash, seen);
}

/// Remembers what the caller is about to do to a key, which `act` makes of whether it is there. The caller tells what is
/// suspect of it once it has left.
#[cold]
#[inline(never)]
pub(super) fn act<K: Borrow<Q>, V, Q: Eq + ?Sized>(
    watcher: Watcher<'_>,
    table: &HashTable<(K, V)>,
    hash: u64,
    key: &Q,
    act: fn(bool) -> Act,
) -> Option<Suspect> {
    watcher.did(hash, act(holds(table, hash, key)))
}

/// [`act`], and the key again.
#[cold]
#[inline(never)]
pub(super) fn act_by<K: Eq, V>(
    watcher: Watcher<'_>,
    table: &HashTable<(K, V)>,
    hash: u64,
    key: K,
    deed: fn(bool) -> Act,
) -> (K, Option<Suspect>) {
    let suspect = act(watcher, table, hash, &key, deed);
    (key, suspect)
}

/// [`act`] for keys whose values are lent together.
#[cold]
#[inline(never)]
pub(super) fn lend<K: Borrow<Q>, V, Q: Eq + ?Sized, const N: usize>(
    watcher: Watcher<'_>,
    table: &HashTable<(K, V)>,
    hashes: [u64; N],
    keys: [&Q; N],
) -> Vec<Suspect> {
    let entries = hashes.into_iter().zip(keys);
    entries.filter_map(|(hash, key)| act(watcher, table, hash, key, |found| Act::GetMut { found })).collect()
}

fn holds<K: Borrow<Q>, V, Q: Eq + ?Sized>(table: &HashTable<(K, V)>, hash: u64, key: &Q) -> bool {
    table.find(hash, |(there, _)| key == there.borrow()).is_some()
}
