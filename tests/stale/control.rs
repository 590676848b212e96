//! Which maps are watched.

use checkedmap::{CheckedMap, Config, StaleChecks};

use crate::stage::{elsewhere, expect_silence, map, suspects};

fn lose_an_update(map: &CheckedMap<u64, &str>) {
    map.remove(&7);
    if !map.contains_key(&7) {
        elsewhere(|| map.insert(7, "theirs"));
        map.insert(7, "ours");
    }
}

#[test]
fn a_map_may_be_left_out_and_taken_in_while_the_program_runs() {
    let orders = map("taken in");
    assert!(orders.stale_checks());
    orders.set_stale_checks(false);
    lose_an_update(&orders);
    expect_silence("taken in");
    orders.set_stale_checks(None);
    lose_an_update(&orders);
    assert_eq!(suspects("taken in").len(), 1);
}

#[test]
fn a_map_that_is_built_without_is_left_out() {
    drop(map::<u64, u64>("built"));
    let orders = CheckedMap::builder().name("built without").stale_checks(false).build();
    lose_an_update(&orders);
    expect_silence("built without");
}

#[test]
fn a_configuration_says_what_it_was_told() {
    let checks = StaleChecks::new().with_maps(["sessions"]);
    let config = Config::new().with_stale_checks(checks.clone());
    assert_eq!(config.stale_checks(), Some(&checks));
    assert_eq!(config.with_stale_checks(None).stale_checks(), None);
}

#[test]
fn a_clone_keeps_the_maps_own_word() {
    let orders = map::<u64, &str>("cloned");
    orders.set_stale_checks(false);
    let copy = orders.clone();
    lose_an_update(&copy);
    expect_silence("cloned");
}
