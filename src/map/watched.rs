//! What a map that is watched for stale checks does besides.
//!
//! Nothing here is on the way of an access that is not watched: whether it is, its permit knows, which has been looked at
//! anyway. The key is hashed and compared once more, inside the access.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use crate::access::Access;
use crate::cell::{ReadGuard, WriteGuard};
use crate::map::change;
use crate::stale::{Act, Seen, Suspect};

/// Remembers a lookup of the key, which `seen` makes of whether it is there.
#[cold]
pub(super) fn look<K, V, S, Q>(
    map: &ReadGuard<'_, HashMap<K, V, S>>,
    key: &Q,
    access: Access,
    seen: impl FnOnce(bool) -> Seen,
) where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    map.permit().saw(map.hasher().hash_one(key), seen(map.contains_key(key)), access);
}

/// Remembers what the caller is about to do to the key, which `act` makes of whether it is there.
#[cold]
fn judge<K, V, S, Q>(
    map: &WriteGuard<'_, HashMap<K, V, S>>,
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

/// For an access that goes on with its caller. What is suspect has to be told while it is open.
#[cold]
pub(super) fn open<K, V, S, Q>(
    map: &WriteGuard<'_, HashMap<K, V, S>>,
    key: &Q,
    access: Access,
    act: impl FnOnce(bool) -> Act,
) where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    if let Some(suspect) = judge(map, key, access, act) {
        suspect.tell();
    }
}

#[cold]
pub(super) fn insert<K, V, S>(mut map: WriteGuard<'_, HashMap<K, V, S>>, key: K, value: V, access: Access) -> Option<V>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    let suspect = judge(&map, &key, access, |found| Act::Insert { found });
    let replaced = map.insert(key, value);
    drop(map);
    if let Some(suspect) = suspect {
        suspect.tell();
    }
    replaced
}

#[cold]
pub(super) fn remove_entry<K, V, S, Q>(
    mut map: WriteGuard<'_, HashMap<K, V, S>>,
    key: &Q,
    access: Access,
) -> Option<(K, V)>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    let suspect = judge(&map, key, access, |found| Act::Remove { found });
    let removed = map.remove_entry(key);
    drop(map);
    if let Some(suspect) = suspect {
        suspect.tell();
    }
    removed
}

#[cold]
pub(super) fn extend<K, V, S>(map: WriteGuard<'_, HashMap<K, V, S>>, entries: Vec<(K, V)>, access: Access)
where
    K: Eq + Hash,
    S: BuildHasher,
{
    let judge = |(key, _): &(K, V)| judge(&map, key, access, |found| Act::Insert { found });
    let suspects: Vec<_> = entries.iter().filter_map(judge).collect();
    change::insert_all(map, entries);
    suspects.into_iter().for_each(Suspect::tell);
}
