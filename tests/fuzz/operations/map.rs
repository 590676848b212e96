//! `CheckedMap` against std's `HashMap`: the same operations, the same answers. For proptest and for the fuzzer.

use std::collections::HashMap;
use std::collections::hash_map::Entry as StdEntry;

use checkedmap::CheckedMap;
use checkedmap::map::Entry as OurEntry;
use checkedmap::prelude::*;

/// One call, or a few that belong together.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Step {
    Insert(u8, i32),
    Remove(u8),
    RemoveEntry(u8),
    Get(u8),
    GetKeyValue(u8),
    ContainsKey(u8),
    GetMutAdd(u8, i32),
    GetDisjointMut(u8, u8),
    OrInsert(u8, i32),
    OrInsertWithKey(u8),
    OrDefault(u8),
    AndModify(u8, i32),
    InsertEntry(u8, i32),
    EntryRemove(u8),
    EntryReplace(u8, i32),
    Retain(u8),
    ExtractIf(u8),
    Extend(#[cfg_attr(fuzzing, arbitrary(with = entries))] Vec<(u8, i32)>),
    Drain,
    Clear,
    Clone,
    Reserve(u8),
    ShrinkToFit,
    Iterate,
}

/// As many as proptest's, where a `Vec` would mostly have none.
#[cfg(fuzzing)]
fn entries(bytes: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Vec<(u8, i32)>> {
    (0..bytes.int_in_range(0..=39)?).map(|_| bytes.arbitrary()).collect()
}

/// # Panics
///
/// Where an answer or what is in the map afterwards differs, or a step has left the gate closed.
pub(crate) fn check(steps: &[Step]) {
    let mut oracle: HashMap<u8, i32> = HashMap::new();
    let map: CheckedMap<u8, i32> = CheckedMap::new();
    for step in steps {
        let expected = answer_std(&mut oracle, step);
        assert_eq!(answer_ours(&map, step), expected, "{step:?}");
        assert_eq!((map.len(), map.is_empty()), (oracle.len(), oracle.is_empty()), "{step:?}");
        assert!(*map.read() == oracle, "{step:?}");
        assert!(map.try_write().is_ok(), "{step:?} has left the gate closed");
    }
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort();
    items
}

/// One text for both maps. They differ in what is lent, so each answer is owned.
macro_rules! answer {
    ($map:ident, $entry:ident, $step:expr) => {
        match $step.clone() {
            Step::Insert(k, v) => format!("{:?}", $map.insert(k, v)),
            Step::Remove(k) => format!("{:?}", $map.remove(&k)),
            Step::RemoveEntry(k) => format!("{:?}", $map.remove_entry(&k)),
            Step::Get(k) => format!("{:?}", $map.get(&k).copied()),
            Step::GetKeyValue(k) => format!("{:?}", $map.get_key_value(&k)),
            Step::ContainsKey(k) => format!("{:?}", $map.contains_key(&k)),
            Step::GetMutAdd(k, v) => format!("{:?}", $map.get_mut(&k).map(|mut value| *value ^= v)),
            Step::GetDisjointMut(a, b) if a == b => format!("{:?}", $map.get_disjoint_mut([&a])),
            Step::GetDisjointMut(a, b) => {
                if let [Some(mut a), Some(mut b)] = $map.get_disjoint_mut([&a, &b]) {
                    std::mem::swap(&mut *a, &mut *b);
                }
                String::new()
            }
            Step::OrInsert(k, v) => format!("{:?}", $map.entry(k).or_insert(v)),
            Step::OrInsertWithKey(k) => format!("{:?}", $map.entry(k).or_insert_with_key(|k| i32::from(*k))),
            Step::OrDefault(k) => format!("{:?}", $map.entry(k).or_default()),
            Step::AndModify(k, v) => format!("{:?}", $map.entry(k).and_modify(|value| *value ^= v).key()),
            Step::InsertEntry(k, v) => format!("{:?}", $map.entry(k).insert_entry(v).get()),
            Step::EntryRemove(k) => match $map.entry(k) {
                $entry::Occupied(entry) => format!("{:?}", entry.remove_entry()),
                $entry::Vacant(entry) => format!("{:?}", entry.into_key()),
            },
            Step::EntryReplace(k, v) => match $map.entry(k) {
                $entry::Occupied(mut entry) => format!("{:?}", (entry.insert(v), *entry.get_mut(), entry.key())),
                $entry::Vacant(entry) => format!("{:?}", entry.insert(v)),
            },
            Step::Retain(n) => format!("{:?}", $map.retain(|k, _| k % n.max(1) != 0)),
            Step::ExtractIf(n) => format!("{:?}", sorted($map.extract_if(|k, _| k % n.max(1) == 0))),
            Step::Extend(entries) => format!("{:?}", $map.extend(entries)),
            Step::Drain => format!("{:?}", sorted($map.drain())),
            Step::Clear => format!("{:?}", $map.clear()),
            Step::Clone => format!("{:?}", $map.clone() == *$map),
            Step::Reserve(n) => {
                $map.reserve(n.into());
                format!("{:?}", $map.capacity() >= $map.len() + usize::from(n))
            }
            Step::ShrinkToFit => format!("{:?}", $map.shrink_to_fit()),
            Step::Iterate => {
                let pairs = sorted($map.iter().map(|(k, v)| (*k, *v)));
                format!("{pairs:?} {:?} {:?}", sorted($map.keys().copied()), sorted($map.values().copied()))
            }
        }
    };
}

#[allow(clippy::unit_arg)]
fn answer_std(map: &mut HashMap<u8, i32>, step: &Step) -> String {
    #[allow(clippy::unit_arg, unused_mut, clippy::redundant_clone)]
    {
        answer!(map, StdEntry, step)
    }
}

#[allow(clippy::unit_arg)]
fn answer_ours(map: &CheckedMap<u8, i32>, step: &Step) -> String {
    #[allow(clippy::unit_arg)]
    {
        answer!(map, OurEntry, step)
    }
}
