//! `hash_map::HashMap` against std's: the same operations, the same answers.

use std::cell::Cell;
use std::collections::HashMap as Std;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use checkedmap::hash_map::{self, HashMap as Ours};
use proptest::collection::vec;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
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
    Extend(Vec<(u8, u16)>),
    Reserve(u8),
    TryReserve(usize),
    ShrinkToFit,
    ShrinkTo(u8),
    Clear,
    CloneFrom(Vec<(u8, u16)>),
    Swap,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..64_u8;
    let entries = || vec((0..64_u8, any::<u16>()), 0..40);
    let insert = (key(), any::<u16>()).prop_map(|(k, v)| Step::Insert(k, v));
    let lookups = prop_oneof![
        key().prop_map(Step::Get),
        (key(), any::<u16>()).prop_map(|(k, v)| Step::GetMut(k, v)),
        key().prop_map(Step::Remove),
        key().prop_map(Step::RemoveEntry),
        (key(), key()).prop_map(|(a, b)| Step::Disjoint(a, b)),
    ];
    let entry = prop_oneof![
        (key(), any::<u16>()).prop_map(|(k, v)| Step::OrInsert(k, v)),
        (key(), any::<u16>()).prop_map(|(k, v)| Step::Modify(k, v)),
        (key(), any::<u16>()).prop_map(|(k, v)| Step::InsertEntry(k, v)),
        key().prop_map(Step::TakeEntry),
        key().prop_map(Step::Look),
    ];
    let whole = prop_oneof![
        (1..5_u8).prop_map(Step::Retain),
        (1..5_u8, 0..9_usize).prop_map(|(modulus, steps)| Step::ExtractIf { modulus, steps }),
        (0..9_usize).prop_map(|steps| Step::Drain { steps }),
        (0..9_usize).prop_map(|steps| Step::IterMut { steps }),
        entries().prop_map(Step::Extend),
        any::<u8>().prop_map(Step::Reserve),
        prop_oneof![0..300_usize, Just(usize::MAX), Just(usize::MAX / 8)].prop_map(Step::TryReserve),
        Just(Step::ShrinkToFit),
        any::<u8>().prop_map(Step::ShrinkTo),
        Just(Step::Clear),
        entries().prop_map(Step::CloneFrom),
        Just(Step::Swap),
        Just(Step::Reopen),
    ];
    prop_oneof![4 => insert, 3 => lookups, 3 => entry, 2 => whole]
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
            Step::Disjoint(a, b) => {
                let both = AssertUnwindSafe(|| format!("{:?}", $map.get_disjoint_mut([a, b])));
                catch_unwind(both).unwrap_or_else(|_| "duplicate".to_owned())
            }
            Step::Retain(n) => {
                $map.retain(|k, v| {
                    *v = v.wrapping_mul(3);
                    k % n != 0
                });
                String::new()
            }
            Step::ExtractIf { modulus, steps } => {
                let taken: Vec<_> = $map.extract_if(|k, _| k % modulus == 0).take(*steps).collect();
                assert!(taken.iter().all(|(k, _)| k % modulus == 0));
                let count = taken.len();
                $map.extend(taken);
                format!("{count} {:?}", sorted($map.extract_if(|k, _| k % modulus == 0)))
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
            Step::TryReserve(n) => format!("{:?}", $map.try_reserve(*n).map_err(|error| error.to_string())),
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

proptest! {
    #[test]
    fn the_same_steps_give_the_same_answers(steps in vec(step(), 0..120)) {
        let (mut std, mut std_other) = (Std::<u8, u16>::new(), Std::new());
        let (mut ours, mut ours_other) = (Ours::<u8, u16>::new(), Ours::new());
        for step in &steps {
            let expected = run!(std, std_other, std::collections::hash_map::Entry, step);
            let answer = run!(ours, ours_other, hash_map::Entry, step);
            prop_assert_eq!(expected, answer, "{:?}", step);
            prop_assert_eq!(std.len(), ours.len(), "{:?}", step);
            let entries = sorted(std.iter().map(|(k, v)| (*k, *v)));
            prop_assert_eq!(&entries, &sorted(ours.iter().map(|(k, v)| (*k, *v))), "{:?}", step);
            prop_assert!(entries.iter().all(|(k, v)| ours[k] == *v));
        }
    }
}

thread_local! {
    /// How many more calls of user code go well; `None` for all.
    static FUSE: Cell<Option<u32>> = const { Cell::new(None) };
    static ALIVE: Cell<i32> = const { Cell::new(0) };
}

fn user_code() {
    match FUSE.get() {
        Some(0) => {
            FUSE.set(None);
            panic!("the fuse has burnt down");
        }
        left => FUSE.set(left.map(|left| left - 1)),
    }
}

/// A key and value whose code may panic, and which is counted.
#[derive(Debug)]
struct Fused(u8);

impl Fused {
    fn new(id: u8) -> Self {
        ALIVE.set(ALIVE.get() + 1);
        Self(id)
    }
}

impl Drop for Fused {
    fn drop(&mut self) {
        ALIVE.set(ALIVE.get() - 1);
    }
}

impl Clone for Fused {
    fn clone(&self) -> Self {
        user_code();
        Self::new(self.0)
    }
}

impl PartialEq for Fused {
    fn eq(&self, other: &Self) -> bool {
        user_code();
        self.0 == other.0
    }
}

impl Eq for Fused {}

impl Hash for Fused {
    fn hash<H: Hasher>(&self, state: &mut H) {
        user_code();
        // Four keys to a hash, so that there is something to compare.
        (self.0 / 4).hash(state);
    }
}

type FusedMap = Ours<Fused, Fused>;

const FUSED: &[fn(&mut FusedMap, u8)] = &[
    |map, k| drop(map.insert(Fused::new(k), Fused::new(k))),
    |map, k| drop(map.remove(&Fused::new(k))),
    |map, k| _ = map.get(&Fused::new(k)),
    |map, k| _ = map.entry(Fused::new(k)).or_insert(Fused::new(k)),
    |map, k| {
        map.entry(Fused::new(k)).and_modify(|_| user_code()).or_insert_with(|| {
            user_code();
            Fused::new(k)
        });
    },
    |map, k| map.extend((k..k.saturating_add(20)).map(|k| (Fused::new(k), Fused::new(k)))),
    |map, _| map.reserve(200),
    |map, _| map.shrink_to_fit(),
    |map, k| {
        map.retain(|key, _| {
            user_code();
            key.0 != k
        });
    },
    |map, k| {
        let extracted = map.extract_if(|key, _| {
            user_code();
            key.0 % 8 == k % 8
        });
        extracted.for_each(drop);
    },
    |map, _| *map = map.clone(),
    |map, k| {
        let mut other = FusedMap::new();
        other.insert(Fused::new(k), Fused::new(k));
        map.clone_from(&other);
    },
    |map, _| {
        let same = &*map;
        assert_eq!(*map, *same);
    },
    |map, _| map.values().for_each(|_| user_code()),
    |map, _| map.iter_mut().for_each(|_| user_code()),
    |map, _| map.drain().for_each(|_| user_code()),
];

proptest! {
    #[test]
    fn a_panic_in_user_code_leaves_the_map_usable(
        steps in vec((0..FUSED.len(), 0..100_u8, prop_oneof![Just(None), (0..40_u32).prop_map(Some)]), 0..60)
    ) {
        let mut map = FusedMap::new();
        for (step, k, fuse) in steps {
            FUSE.set(fuse);
            let _ = catch_unwind(AssertUnwindSafe(|| FUSED[step](&mut map, k)));
            FUSE.set(None);
            prop_assert_eq!(map.iter().count(), map.len());
            prop_assert!(map.iter().all(|(key, value)| key.0 == value.0));
            prop_assert!(map.keys().all(|key| map.contains_key(key)), "step {} lost a key", step);
            prop_assert_eq!(ALIVE.get(), 2 * map.len() as i32, "step {}", step);
        }
        drop(map);
        prop_assert_eq!(ALIVE.get(), 0);
    }
}
