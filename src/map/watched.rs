//! What a map that is watched for stale checks does besides.
//!
//! Nothing here is on the way of an access that is not watched: whether it is, its permit knows. The key is hashed and
//! compared once more, inside the access.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use crate::checkpoint::Watcher;
use crate::stale::{Act, Seen, Suspect};

/// Remembers a lookup of the key, which `seen` makes of whether it is there.
#[cold]
#[inline(never)]
pub(super) fn look<K, V, S, Q>(watcher: Watcher<'_>, map: &HashMap<K, V, S>, key: &Q, seen: fn(bool) -> Seen)
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    watcher.saw(map.hasher().hash_one(key), seen(map.contains_key(key)));
}

/// Remembers that these values are lent. What is suspect has to be told while the access is open, since it goes on with
/// its caller.
#[cold]
#[inline(never)]
pub(super) fn lend<K, V, S, Q, const N: usize>(watcher: Watcher<'_>, map: &HashMap<K, V, S>, keys: [&Q; N])
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    keys.into_iter()
        .filter_map(|key| judge(watcher, map, key, |found| Act::GetMut { found }))
        .for_each(Suspect::tell_inside);
}

/// Remembers that the entry is lent. Tells what is suspect while the access is open, as [`lend`].
#[cold]
#[inline(never)]
pub(super) fn lend_entry<K, V, S>(watcher: Watcher<'_>, map: &HashMap<K, V, S>, key: &K)
where
    K: Eq + Hash,
    S: BuildHasher,
{
    judge(watcher, map, key, |found| Act::Entry { found }).into_iter().for_each(Suspect::tell_inside);
}

/// [`lend_entry`], and the key again.
#[cold]
#[inline(never)]
pub(super) fn open<K, V, S>(watcher: Watcher<'_>, map: &HashMap<K, V, S>, key: K) -> K
where
    K: Eq + Hash,
    S: BuildHasher,
{
    lend_entry(watcher, map, &key);
    key
}

/// Remembers what the caller is about to do to the key, which `act` makes of whether it is there.
fn judge<K, V, S, Q>(
    watcher: Watcher<'_>,
    map: &HashMap<K, V, S>,
    key: &Q,
    act: impl FnOnce(bool) -> Act,
) -> Option<Suspect>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    watcher.did(map.hasher().hash_one(key), act(map.contains_key(key)))
}

/// Remembers that the entry is about to be written; the caller tells what is suspect once it has left.
#[cold]
#[inline(never)]
pub(super) fn store<K, V, S>(watcher: Watcher<'_>, map: &HashMap<K, V, S>, key: &K) -> Option<Suspect>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    judge(watcher, map, key, |found| Act::Insert { found })
}

/// [`store`], and the key again.
#[cold]
#[inline(never)]
pub(super) fn insert<K, V, S>(
    watcher: Watcher<'_>,
    map: &HashMap<K, V, S>,
    (key, _): (K, Option<Suspect>),
) -> (K, Option<Suspect>)
where
    K: Eq + Hash,
    S: BuildHasher,
{
    let suspect = store(watcher, map, &key);
    (key, suspect)
}

/// As [`store`].
#[cold]
#[inline(never)]
pub(super) fn remove<K, V, S, Q>(watcher: Watcher<'_>, map: &HashMap<K, V, S>, key: &Q) -> Option<Suspect>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    judge(watcher, map, key, |found| Act::Remove { found })
}

/// As [`store`].
#[cold]
#[inline(never)]
pub(super) fn extend<K, V, S>(watcher: Watcher<'_>, map: &HashMap<K, V, S>, entries: &[(K, V)]) -> Vec<Suspect>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    entries.iter().filter_map(|(key, _)| store(watcher, map, key)).collect()
}
