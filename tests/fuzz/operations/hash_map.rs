//! `hash_map::HashMap` against std's: the same operations, the same answers. For proptest and for the fuzzer.

use std::collections::HashMap as Std;
use std::panic::{AssertUnwindSafe, catch_unwind};

use checkedmap::hash_map::{self, HashMap as Ours};

/// One call, or a few that belong together.
#[derive(Clone, Debug)]
#[cfg_attr(fuzzing, derive(arbitrary::Arbitrary))]
pub(crate) enum Step {
    Insert(u8, u16),
    Get(u8),
    GetMut(u8, u16),
    Remove(u8),
    RemoveEntry(u8),
    OrInsert(u8, u16),
    Modify(u8, u16),
    InsertEntry(u8, u16),
    TakeEntry(u8),
    Look(u8),
    Disjoint(u8, u8),
    Retain(u8),
    ExtractIf { modulus: u8, steps: usize },
    Drain { steps: usize },
    IterMut { steps: usize },
    Extend(#[cfg_attr(fuzzing, arbitrary(with = entries))] Vec<(u8, u16)>),
    Reserve(u8),
    TryReserve(usize),
    ShrinkToFit,
    ShrinkTo(u8),
    Clear,
    CloneFrom(#[cfg_attr(fuzzing, arbitrary(with = entries))] Vec<(u8, u16)>),
    Swap,
    Reopen,
}

/// As many as proptest's, where a `Vec` would mostly have none.
#[cfg(fuzzing)]
fn entries(bytes: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<Vec<(u8, u16)>> {
    (0..bytes.int_in_range(0..=39)?).map(|_| bytes.arbitrary()).collect()
}

/// A room that is small, or more than any machine has; between the two, the answer is the machine's.
fn sensible(room: usize) -> usize {
    if room < usize::MAX / 8 { room % 4096 } else { room }
}

/// Entries in an order of our own, since neither map promises one.
fn sorted(entries: impl IntoIterator<Item = (u8, u16)>) -> Vec<(u8, u16)> {
    let mut entries: Vec<_> = entries.into_iter().collect();
    entries.sort_unstable();
    entries
}

/// One step on one map, and what it answered. The maps walk their entries in different orders, so what a walk met before it
/// stopped half-way is no part of the answer.
macro_rules! run {
    ($map:ident, $other:ident, $entry:path, $step:expr) => {{
        use $entry as Entry;
        match $step {
            Step::Insert(k, v) => format!("{:?}", $map.insert(*k, *v)),
            Step::Get(k) => format!("{:?} {:?} {}", $map.get(k), $map.get_key_value(k), $map.contains_key(k)),
            Step::GetMut(k, v) => format!("{:?}", $map.get_mut(k).map(|there| std::mem::replace(there, *v))),
            Step::Remove(k) => format!("{:?}", $map.remove(k)),
            Step::RemoveEntry(k) => format!("{:?}", $map.remove_entry(k)),
            Step::OrInsert(k, v) => format!("{:?}", $map.entry(*k).or_insert_with_key(|key| u16::from(*key) ^ *v)),
            Step::Modify(k, v) => {
                format!("{:?}", $map.entry(*k).and_modify(|there| *there = there.wrapping_add(*v)).or_default())
            }
            Step::InsertEntry(k, v) => {
                let mut entry = $map.entry(*k).insert_entry(*v);
                *entry.get_mut() ^= 1;
                format!("{:?} {:?}", entry.insert(7), entry.into_mut())
            }
            Step::TakeEntry(k) => match $map.entry(*k) {
                Entry::Occupied(entry) if *k % 2 == 0 => format!("{:?}", entry.remove()),
                Entry::Occupied(entry) => format!("{:?}", entry.remove_entry()),
                Entry::Vacant(entry) if *k % 2 == 0 => format!("{:?}", entry.insert(9)),
                Entry::Vacant(entry) => format!("{:?}", entry.into_key()),
            },
            Step::Look(k) => format!("{:?}", $map.entry(*k)),
            // libFuzzer takes every panic for a failure, also one that is caught.
            Step::Disjoint(a, b) if cfg!(fuzzing) && a == b => format!("{:?}", $map.get_disjoint_mut([a])),
            Step::Disjoint(a, b) => {
                let both = AssertUnwindSafe(|| format!("{:?}", $map.get_disjoint_mut([a, b])));
                catch_unwind(both).unwrap_or_else(|_| "duplicate".to_owned())
            }
            Step::Retain(n) => {
                $map.retain(|k, v| {
                    *v = v.wrapping_mul(3);
                    k % n.max(&1) != 0
                });
                String::new()
            }
            Step::ExtractIf { modulus, steps } => {
                let taken: Vec<_> = $map.extract_if(|k, _| k % modulus.max(&1) == 0).take(*steps).collect();
                assert!(taken.iter().all(|(k, _)| k % modulus.max(&1) == 0));
                let count = taken.len();
                $map.extend(taken);
                format!("{count} {:?}", sorted($map.extract_if(|k, _| k % modulus.max(&1) == 0)))
            }
            Step::Drain { steps } => {
                let all = sorted($map.iter().map(|(k, v)| (*k, *v)));
                let length = $map.len();
                let mut drain = $map.drain();
                let taken: Vec<_> = drain.by_ref().take(*steps).collect();
                assert!(taken.iter().all(|entry| all.binary_search(entry).is_ok()));
                format!("{length} {} {:?}", taken.len(), drain.size_hint())
            }
            Step::IterMut { steps } => {
                let first: Vec<_> = $map.iter_mut().take(*steps).map(|(k, v)| (*k, v)).collect();
                let count = first.len();
                first.into_iter().for_each(|(_, v)| *v = v.wrapping_add(1));
                $map.values_mut().for_each(|v| *v &= !1);
                for (k, v) in &mut $map {
                    *v = u16::from(*k);
                }
                count.to_string()
            }
            Step::Extend(entries) => {
                $map.extend(entries.iter().copied());
                $map.extend(entries.iter().map(|(k, v)| (k, v)));
                String::new()
            }
            Step::Reserve(n) => {
                $map.reserve(usize::from(*n));
                (($map.capacity() - $map.len()) >= usize::from(*n)).to_string()
            }
            Step::TryReserve(n) => format!("{:?}", $map.try_reserve(sensible(*n)).map_err(|error| error.to_string())),
            Step::ShrinkToFit => {
                $map.shrink_to_fit();
                String::new()
            }
            Step::ShrinkTo(n) => {
                $map.shrink_to(usize::from(*n));
                ($map.capacity() >= $map.len()).to_string()
            }
            Step::Clear => {
                $map.clear();
                String::new()
            }
            Step::CloneFrom(entries) => {
                let source = entries.iter().copied().collect();
                $map.clone_from(&source);
                ($map == source).to_string()
            }
            Step::Swap => {
                std::mem::swap(&mut $map, &mut $other);
                ($map == $other).to_string()
            }
            Step::Reopen => {
                $other = $map.clone();
                let keys = $other.clone().into_keys().map(|k| (k, 0));
                let values = $other.clone().into_values().map(|v| (0, v));
                let both = (sorted(keys), sorted(values));
                $map = std::mem::take(&mut $map).into_iter().collect();
                format!("{both:?} {}", $map == $other)
            }
        }
    }};
}

/// # Panics
///
/// Where an answer or what is in the map afterwards differs.
pub(crate) fn check(steps: &[Step]) {
    let (mut std, mut std_other) = (Std::<u8, u16>::new(), Std::new());
    let (mut ours, mut ours_other) = (Ours::<u8, u16>::new(), Ours::new());
    for step in steps {
        let expected = run!(std, std_other, std::collections::hash_map::Entry, step);
        let answer = run!(ours, ours_other, hash_map::Entry, step);
        assert_eq!(expected, answer, "{step:?}");
        assert_eq!(std.len(), ours.len(), "{step:?}");
        let entries = sorted(std.iter().map(|(k, v)| (*k, *v)));
        assert_eq!(&entries, &sorted(ours.iter().map(|(k, v)| (*k, *v))), "{step:?}");
        assert!(entries.iter().all(|(k, v)| ours[k] == *v), "{step:?}");
    }
}
