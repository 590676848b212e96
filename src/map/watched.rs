//! Accesses by key to a map that is watched for stale checks.
//!
//! Each remembers what it did once that is done, still inside: where `Hash` or `Eq` panics nothing was done, and nothing is
//! remembered. The key is hashed once more for it, before anything is changed.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::ptr::NonNull;

use super::by_key::{Look, Pair, Whole, disjoint, pair};
use crate::checkpoint::Watcher;
use crate::map::RefMut;
use crate::stale::{Act, Seen, Suspect};

pub(super) fn get<K, V, S, Q>(map: &HashMap<K, V, S>, watcher: Watcher<'_>, key: &Q) -> Option<NonNull<V>>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    let hash = map.hasher().hash_one(key);
    let found = map.get(key);
    watcher.saw(hash, Seen::value(found.is_some()));
    found.map(NonNull::from)
}

#[cold]
#[inline(never)]
pub(super) fn get_key_value<'a, K, V, S, Q>(
    map: Look<'a, K, V, S>,
    watcher: Watcher<'_>,
    key: &Q,
) -> Option<Pair<'a, K, V>>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    pair(map, |map| {
        let hash = map.hasher().hash_one(key);
        let found = map.get_key_value(key);
        watcher.saw(hash, Seen::value(found.is_some()));
        found
    })
}

#[cold]
#[inline(never)]
pub(super) fn contains_key<K, V, S, Q>(map: Look<'_, K, V, S>, watcher: Watcher<'_>, key: &Q) -> bool
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    let hash = map.hasher().hash_one(key);
    let found = map.contains_key(key);
    watcher.saw(hash, Seen::presence(found));
    found
}

/// Looks whether there is an entry, and hands the key back. It is the caller who opens it.
///
/// What is suspect is told while the access is open, since it goes on with its caller: so it is of the two functions that
/// follow.
pub(super) fn open<K, V, S>(map: &HashMap<K, V, S>, watcher: Watcher<'_>, key: K) -> K
where
    K: Eq + Hash,
    S: BuildHasher,
{
    let hash = map.hasher().hash_one(&key);
    let found = map.contains_key(&key);
    watcher.did(hash, Act::Entry { found }).into_iter().for_each(Suspect::tell_inside);
    key
}

pub(super) fn get_mut<K, V, S, Q>(map: &mut HashMap<K, V, S>, watcher: Watcher<'_>, key: &Q) -> Option<NonNull<V>>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    let hash = map.hasher().hash_one(key);
    let value = map.get_mut(key).map(NonNull::from);
    let found = value.is_some();
    watcher.did(hash, Act::GetMut { found }).into_iter().for_each(Suspect::tell_inside);
    value
}

#[cold]
#[inline(never)]
pub(super) fn get_disjoint_mut<'a, K, V, S, Q, const N: usize>(
    map: Whole<'a, K, V, S>,
    watcher: Watcher<'_>,
    keys: [&Q; N],
    find: impl FnOnce(&mut HashMap<K, V, S>) -> [Option<NonNull<V>>; N],
) -> [Option<RefMut<'a, V>>; N]
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    disjoint(map, |map| {
        let hashes = keys.map(|key| map.hasher().hash_one(key));
        let values = find(map);
        for (hash, value) in hashes.into_iter().zip(&values) {
            let found = value.is_some();
            watcher.did(hash, Act::GetMut { found }).into_iter().for_each(Suspect::tell_inside);
        }
        values
    })
}

/// What is suspect is told after the write, since telling runs code of the program: so it is of the two functions that follow.
#[cold]
#[inline(never)]
pub(super) fn insert<K, V, S>(mut map: Whole<'_, K, V, S>, watcher: Watcher<'_>, key: K, value: V) -> Option<V>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    let hash = map.hasher().hash_one(&key);
    let replaced = map.insert(key, value);
    let suspect = watcher.did(hash, Act::Insert { found: replaced.is_some() });
    drop(map);
    suspect.into_iter().for_each(Suspect::tell);
    replaced
}

#[cold]
#[inline(never)]
pub(super) fn remove_entry<K, V, S, Q>(mut map: Whole<'_, K, V, S>, watcher: Watcher<'_>, key: &Q) -> Option<(K, V)>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    let hash = map.hasher().hash_one(key);
    let removed = map.remove_entry(key);
    let suspect = watcher.did(hash, Act::Remove { found: removed.is_some() });
    drop(map);
    suspect.into_iter().for_each(Suspect::tell);
    removed
}

#[cold]
#[inline(never)]
pub(super) fn insert_all<K, V, S>(mut map: Whole<'_, K, V, S>, watcher: Watcher<'_>, entries: Vec<(K, V)>)
where
    K: Eq + Hash,
    S: BuildHasher,
{
    let (mut all_replaced, mut suspects) = (Vec::new(), Vec::new());
    for (key, value) in entries {
        let hash = map.hasher().hash_one(&key);
        let replaced = map.insert(key, value);
        suspects.extend(watcher.did(hash, Act::Insert { found: replaced.is_some() }));
        all_replaced.extend(replaced);
    }
    drop(map);
    suspects.into_iter().for_each(Suspect::tell);
}
