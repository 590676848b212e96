//! std's map as the oracle: the same operations, the same answers.

use proptest::prelude::*;

#[path = "../fuzz/operations/map.rs"]
mod operations;

use operations::{Step, check};

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..12_u8;
    let value = any::<i32>;
    prop_oneof![
        6 => (key(), value()).prop_map(|(k, v)| Step::Insert(k, v)),
        2 => key().prop_map(Step::Remove),
        2 => key().prop_map(Step::RemoveEntry),
        2 => key().prop_map(Step::Get),
        1 => key().prop_map(Step::GetKeyValue),
        1 => key().prop_map(Step::ContainsKey),
        2 => (key(), value()).prop_map(|(k, v)| Step::GetMutAdd(k, v)),
        2 => (key(), 12..24_u8).prop_map(|(a, b)| Step::GetDisjointMut(a, (a + b) % 12)),
        2 => (key(), value()).prop_map(|(k, v)| Step::OrInsert(k, v)),
        1 => key().prop_map(Step::OrInsertWithKey),
        1 => key().prop_map(Step::OrDefault),
        1 => (key(), value()).prop_map(|(k, v)| Step::AndModify(k, v)),
        1 => (key(), value()).prop_map(|(k, v)| Step::InsertEntry(k, v)),
        1 => key().prop_map(Step::EntryRemove),
        1 => (key(), value()).prop_map(|(k, v)| Step::EntryReplace(k, v)),
        1 => (1..5_u8).prop_map(Step::Retain),
        1 => (1..5_u8).prop_map(Step::ExtractIf),
        1 => prop::collection::vec((key(), value()), 0..6).prop_map(Step::Extend),
        1 => Just(Step::Drain),
        1 => Just(Step::Clear),
        1 => Just(Step::Clone),
        1 => any::<u8>().prop_map(Step::Reserve),
        1 => Just(Step::ShrinkToFit),
        2 => Just(Step::Iterate),
    ]
}

proptest! {
    #[test]
    fn answers_as_std(steps in prop::collection::vec(step(), 1..80)) {
        check(&steps);
    }
}
