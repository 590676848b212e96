//! What a map that is watched for stale checks does besides.
//!
//! Nothing here is on the way of an access that is not watched: whether it is, its permit knows. Guards come here by value,
//! and the caller returns what comes back: one whose address is passed on, or which may come from two places, could not stay in
//! registers. The key is hashed and compared once more, inside the access.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use crate::access::Access;
use crate::cell::{ReadGuard, WriteGuard};
use crate::map::lookup::pair;
use crate::map::{Entry, Ref, RefMut, change};
use crate::stale::{Act, Seen, Suspect};

type Whole<'a, K, V, S> = ReadGuard<'a, HashMap<K, V, S>>;
type WholeMut<'a, K, V, S> = WriteGuard<'a, HashMap<K, V, S>>;

/// Remembers a lookup of the key, which `seen` makes of whether it is there.
fn look<K, V, S, Q>(map: &Whole<'_, K, V, S>, key: &Q, access: Access, seen: fn(bool) -> Seen)
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    map.permit().saw(map.hasher().hash_one(key), seen(map.contains_key(key)), access);
}

#[cold]
#[inline(never)]
pub(super) fn get<'a, K, V, S, Q>(map: Whole<'a, K, V, S>, key: &Q, access: Access) -> Option<Ref<'a, V>>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    look(&map, key, access, Seen::value);
    Ref::find(map, |map| map.get(key))
}

#[cold]
#[inline(never)]
pub(super) fn get_key_value<'a, K, V, S, Q>(
    map: Whole<'a, K, V, S>,
    key: &Q,
    access: Access,
) -> Option<(Ref<'a, K>, Ref<'a, V>)>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    look(&map, key, access, Seen::value);
    pair(map, |map| map.get_key_value(key))
}

#[cold]
#[inline(never)]
pub(super) fn contains_key<K, V, S, Q>(map: Whole<'_, K, V, S>, key: &Q, access: Access) -> bool
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    look(&map, key, access, Seen::presence);
    map.contains_key(key)
}

#[cold]
#[inline(never)]
pub(super) fn get_mut<'a, K, V, S, Q>(map: WholeMut<'a, K, V, S>, key: &Q, access: Access) -> Option<RefMut<'a, V>>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    let map = lend(map, [key], access);
    RefMut::find(map, |map| map.get_mut(key))
}

/// The guard again, once it is remembered that these values are lent through it. What is suspect has to be told while the
/// access is open, since it goes on with its caller.
#[cold]
#[inline(never)]
pub(super) fn lend<'a, K, V, S, Q, const N: usize>(
    map: WholeMut<'a, K, V, S>,
    keys: [&Q; N],
    access: Access,
) -> WholeMut<'a, K, V, S>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    keys.into_iter().filter_map(|key| judge(&map, key, access, |found| Act::GetMut { found })).for_each(Suspect::tell);
    map
}

/// Tells what is suspect while the access is open, as [`lend`].
#[cold]
#[inline(never)]
pub(super) fn entry<K, V, S>(map: WholeMut<'_, K, V, S>, key: K, access: Access) -> Entry<'_, K, V>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    judge(&map, &key, access, |found| Act::Entry { found }).into_iter().for_each(Suspect::tell);
    Entry::find(map, key)
}

/// Remembers what the caller is about to do to the key, which `act` makes of whether it is there.
fn judge<K, V, S, Q>(
    map: &WholeMut<'_, K, V, S>,
    key: &Q,
    access: Access,
    act: impl FnOnce(bool) -> Act,
) -> Option<Suspect>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    map.permit().did(map.hasher().hash_one(key), act(map.contains_key(key)), access)
}

#[cold]
#[inline(never)]
pub(super) fn insert<K, V, S>(mut map: WholeMut<'_, K, V, S>, key: K, value: V, access: Access) -> Option<V>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    let suspect = judge(&map, &key, access, |found| Act::Insert { found });
    let replaced = map.insert(key, value);
    drop(map);
    suspect.into_iter().for_each(Suspect::tell);
    replaced
}

#[cold]
#[inline(never)]
pub(super) fn remove_entry<K, V, S, Q>(mut map: WholeMut<'_, K, V, S>, key: &Q, access: Access) -> Option<(K, V)>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    let suspect = judge(&map, key, access, |found| Act::Remove { found });
    let removed = map.remove_entry(key);
    drop(map);
    suspect.into_iter().for_each(Suspect::tell);
    removed
}

#[cold]
#[inline(never)]
pub(super) fn extend<K, V, S>(map: WholeMut<'_, K, V, S>, entries: Vec<(K, V)>, access: Access)
where
    K: Eq + Hash,
    S: BuildHasher,
{
    let judge = |(key, _): &(K, V)| judge(&map, key, access, |found| Act::Insert { found });
    let suspects: Vec<_> = entries.iter().filter_map(judge).collect();
    change::insert_all(map, entries);
    suspects.into_iter().for_each(Suspect::tell);
}
