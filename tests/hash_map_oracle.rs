//! `hash_map::HashMap` against std's: the same operations, the same answers.

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use checkedmap::hash_map::HashMap as Ours;
use proptest::collection::vec;
use proptest::prelude::*;

#[path = "fuzz/operations/hash_map.rs"]
mod operations;

use operations::{Step, check};

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

proptest! {
    #[test]
    fn the_same_steps_give_the_same_answers(steps in vec(step(), 0..120)) {
        check(&steps);
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
