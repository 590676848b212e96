//! std's `RefCell` as the oracle for guards that one thread nests: lent where it lends, refused where it refuses.

use std::sync::LazyLock;

use proptest::prelude::*;

#[path = "../fuzz/operations/guards.rs"]
mod operations;

use operations::{Checked, Step, check};

fn step() -> impl Strategy<Value = Step> {
    let key = || 0..6_u8;
    prop_oneof![
        3 => any::<u8>().prop_map(Step::Read),
        2 => (any::<u8>(), any::<u32>()).prop_map(|(cell, value)| Step::Write(cell, value)),
        3 => key().prop_map(Step::Get),
        2 => (key(), any::<u32>()).prop_map(|(key, value)| Step::GetMut(key, value)),
        1 => Just(Step::Iterate),
        4 => (key(), any::<u32>()).prop_map(|(key, value)| Step::Insert(key, value)),
        1 => key().prop_map(Step::Remove),
        6 => any::<u8>().prop_map(Step::Close),
        1 => Just(Step::CloseAll),
    ]
}

static CHECKED: LazyLock<Checked> = LazyLock::new(Checked::default);

proptest! {
    #[test]
    fn guards_are_lent_as_by_a_ref_cell(steps in prop::collection::vec(step(), 1..120)) {
        check(&CHECKED, &steps);
    }
}
