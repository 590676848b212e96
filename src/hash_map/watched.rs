//! Accesses by key to a map that is watched for stale checks.
//!
//! Each remembers what it did once that is done, still inside: where `Eq` panics nothing was done, and nothing is remembered.
//! What is suspect is told once the access has left, since telling runs code of the program.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};

use super::body::{Reading, Writing};
use super::lookup::{put, take};
use crate::access::Operation;
use crate::checkpoint::Watcher;
use crate::stale::{Act, Seen, Suspect};

#[cold]
#[inline(never)]
pub(super) fn find<'a, K: Borrow<Q> + 'a, V: 'a, Q: Eq + ?Sized>(
    reading: Reading<'a, K, V>,
    watcher: Watcher<'_>,
    hash: u64,
    k: &Q,
    operation: Operation,
) -> Option<&'a (K, V)> {
    // SAFETY: the table's reference ends with this function, before the permit does; the entry is lent on the strength of
    // the borrow of the map.
    let found = unsafe { reading.lend() }.find(hash, |(key, _)| k == key.borrow());
    let seen = if operation == Operation::ContainsKey { Seen::presence } else { Seen::value };
    watcher.saw(hash, seen(found.is_some()));
    found
}

#[cold]
#[inline(never)]
pub(super) fn find_mut<'a, K: Borrow<Q> + 'a, V: 'a, Q: Eq + ?Sized>(
    mut writing: Writing<'a, K, V>,
    watcher: Watcher<'_>,
    hash: u64,
    k: &Q,
) -> Option<&'a mut V> {
    // SAFETY: as in `find`, and the reference is the only one; the entry is lent on the strength of the map's exclusive borrow.
    let table = unsafe { writing.lend() };
    let found = table.find_mut(hash, |(key, _)| k == (*key).borrow()).map(|(_, value)| value);
    lent(writing, watcher, [hash], [found.is_some()]);
    found
}

/// The values of these keys have been lent, as far as they were found.
#[cold]
#[inline(never)]
pub(super) fn lent<K, V, const N: usize>(
    writing: Writing<'_, K, V>,
    watcher: Watcher<'_>,
    hashes: [u64; N],
    found: [bool; N],
) {
    let lent = hashes.into_iter().zip(found);
    let suspects: Vec<_> = lent.filter_map(|(hash, found)| watcher.did(hash, Act::GetMut { found })).collect();
    drop(writing);
    suspects.into_iter().for_each(Suspect::tell);
}

#[cold]
#[inline(never)]
pub(super) fn insert<K: Eq + Hash, V, S: BuildHasher>(
    mut table: Writing<'_, K, V>,
    watcher: Watcher<'_>,
    hash: u64,
    k: K,
    v: V,
    hash_builder: &S,
) -> Option<V> {
    let (replaced, _unused) = put(&mut table, hash, k, v, hash_builder);
    let suspect = watcher.did(hash, Act::Insert { found: replaced.is_some() });
    drop(table);
    suspect.into_iter().for_each(Suspect::tell);
    replaced
}

#[cold]
#[inline(never)]
pub(super) fn remove<K: Borrow<Q>, V, Q: Eq + ?Sized>(
    mut table: Writing<'_, K, V>,
    watcher: Watcher<'_>,
    hash: u64,
    k: &Q,
) -> Option<(K, V)> {
    let removed = take(&mut table, hash, k);
    let suspect = watcher.did(hash, Act::Remove { found: removed.is_some() });
    drop(table);
    suspect.into_iter().for_each(Suspect::tell);
    removed
}

/// An entry has been opened.
#[cold]
#[inline(never)]
pub(super) fn opened<K, V>(writing: Writing<'_, K, V>, watcher: Watcher<'_>, hash: u64, found: bool) {
    let suspect = watcher.did(hash, Act::Entry { found });
    drop(writing);
    suspect.into_iter().for_each(Suspect::tell);
}

/// A vacant entry has been filled.
#[cold]
#[inline(never)]
pub(super) fn filled(watcher: Watcher<'_>, hash: u64) {
    let suspect = watcher.did(hash, Act::Fill);
    debug_assert!(suspect.is_none(), "the entry has looked for itself");
}
