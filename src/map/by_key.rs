//! Accesses by key, from being inside on: what the waiting methods and their `try_` twins share.
//!
//! An access that is watched for stale checks goes aside at once, to a function that remembers what is done: the others have
//! nothing to ask afterwards. On the fast path nothing is asked at all, since what is watched does not take it. A guard is made by
//! those functions' callers, and not by them: one that is returned through memory costs the fast path a dozen instructions.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::mem::needs_drop;
use std::ptr::NonNull;
use std::rc::Rc;

use crate::access::{Access, Operation};
use crate::cell::{ReadGuard, WriteGuard};
use crate::map::refs::Stay;
use crate::map::{Entry, Ref, RefMut, watched};

pub(super) type Whole<'a, K, V, S> = WriteGuard<'a, HashMap<K, V, S>>;
pub(super) type Look<'a, K, V, S> = ReadGuard<'a, HashMap<K, V, S>>;
pub(super) type Pair<'a, K, V> = (Ref<'a, K>, Ref<'a, V>);

#[inline(always)]
#[track_caller]
pub(super) fn get<'a, K, V, S, Q>(map: Look<'a, K, V, S>, key: &Q) -> Option<Ref<'a, V>>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    match map.watcher(Access::here(Operation::Get)) {
        None => Ref::find(map, |map| map.get(key)),
        Some(watcher) => {
            let (map, found) = map.aside(|map| watched::get(map, watcher, key));
            Ref::found(map, found)
        }
    }
}

#[inline(always)]
#[track_caller]
pub(super) fn get_key_value<'a, K, V, S, Q>(map: Look<'a, K, V, S>, key: &Q) -> Option<Pair<'a, K, V>>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    match map.watcher(Access::here(Operation::GetKeyValue)) {
        None => pair(map, |map| map.get_key_value(key)),
        Some(watcher) => watched::get_key_value(map, watcher, key),
    }
}

/// Two guards under one permit.
pub(super) fn pair<'a, M, K, V>(
    guard: ReadGuard<'a, M>,
    find: impl FnOnce(&M) -> Option<(&K, &V)>,
) -> Option<Pair<'a, K, V>> {
    let (key, value) = find(&guard)?;
    let (key, value) = (NonNull::from(key), NonNull::from(value));
    let (_, permit) = guard.into_parts();
    let permit = Rc::new(permit);
    Some((Ref::shared(key, &permit), Ref::shared(value, &permit)))
}

#[inline(always)]
#[track_caller]
pub(super) fn contains_key<K, V, S, Q>(map: Look<'_, K, V, S>, key: &Q) -> bool
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    match map.watcher(Access::here(Operation::ContainsKey)) {
        None => map.contains_key(key),
        Some(watcher) => watched::contains_key(map, watcher, key),
    }
}

#[inline(always)]
#[track_caller]
pub(super) fn entry<'a, K, V, S>(map: Whole<'a, K, V, S>, key: K) -> Entry<'a, K, V>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    let (map, key) = match map.watcher(Access::here(Operation::Entry)) {
        None => (map, key),
        Some(watcher) => map.aside(|map| watched::open(map, watcher, key)),
    };
    Entry::find(map, key)
}

#[inline(always)]
#[track_caller]
pub(super) fn get_mut<'a, K, V, S, Q>(map: Whole<'a, K, V, S>, key: &Q) -> Option<RefMut<'a, V>>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    match map.watcher(Access::here(Operation::GetMut)) {
        None => RefMut::find(map, |map| map.get_mut(key)),
        Some(watcher) => {
            let (map, found) = map.aside(|map| watched::get_mut(map, watcher, key));
            RefMut::found(map, found)
        }
    }
}

/// Guards under one permit. What `find` finds for the keys is disjoint.
#[inline(always)]
#[track_caller]
pub(super) fn get_disjoint_mut<'a, K, V, S, Q, const N: usize>(
    map: Whole<'a, K, V, S>,
    keys: [&Q; N],
    find: impl FnOnce(&mut HashMap<K, V, S>) -> [Option<NonNull<V>>; N],
) -> [Option<RefMut<'a, V>>; N]
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    match map.watcher(Access::here(Operation::GetDisjointMut)) {
        None => disjoint(map, find),
        Some(watcher) => watched::get_disjoint_mut(map, watcher, keys, find),
    }
}

pub(super) fn part<V>(value: Option<&mut V>) -> Option<NonNull<V>> {
    value.map(NonNull::from)
}

pub(super) fn disjoint<'a, M, V, const N: usize>(
    mut guard: WriteGuard<'a, M>,
    find: impl FnOnce(&mut M) -> [Option<NonNull<V>>; N],
) -> [Option<RefMut<'a, V>>; N] {
    let values = find(&mut guard);
    let (_, permit) = guard.into_parts();
    let permit = Rc::new(permit);
    values.map(|value| value.map(|value| RefMut::new(value, Stay::Shared(Rc::clone(&permit)))))
}

#[inline(always)]
#[track_caller]
pub(super) fn insert<K, V, S>(mut map: Whole<'_, K, V, S>, key: K, value: V) -> Option<V>
where
    K: Eq + Hash,
    S: BuildHasher,
{
    match map.watcher(Access::here(Operation::Insert)) {
        None => map.insert(key, value),
        Some(watcher) => watched::insert(map, watcher, key, value),
    }
}

/// `access` is [`remove`](crate::CheckedMap::remove), which drops the key after the write, or
/// [`remove_entry`](crate::CheckedMap::remove_entry).
#[inline(always)]
pub(super) fn remove_entry<K, V, S, Q>(mut map: Whole<'_, K, V, S>, access: Access, key: &Q) -> Option<(K, V)>
where
    K: Borrow<Q> + Eq + Hash,
    Q: Hash + Eq + ?Sized,
    S: BuildHasher,
{
    match map.watcher(access) {
        None => map.remove_entry(key),
        Some(watcher) => watched::remove_entry(map, watcher, key),
    }
}

/// Old values are dropped after the write.
#[track_caller]
pub(super) fn insert_all<K, V, S>(mut map: Whole<'_, K, V, S>, entries: Vec<(K, V)>)
where
    K: Eq + Hash,
    S: BuildHasher,
{
    if let Some(watcher) = map.watcher(Access::here(Operation::Extend)) {
        watched::insert_all(map, watcher, entries);
    } else if needs_drop::<V>() {
        let replaced: Vec<_> = entries.into_iter().filter_map(|(key, value)| map.insert(key, value)).collect();
        drop(map);
        drop(replaced);
    } else {
        map.extend(entries);
    }
}
