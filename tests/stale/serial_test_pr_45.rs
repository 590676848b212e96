//! <https://github.com/palfrey/serial_test/pull/45>: locks by key, in a map behind a reader-writer lock. The check is made
//! under the read lock, the insert under the write lock, and between the two somebody else inserts. Each call on the map
//! is covered by a lock, and no two overlap.

use std::sync::{Arc, RwLock};

use checkedmap::hash_map::HashMap;
use checkedmap::report::Effect;
use parking_lot::ReentrantMutex;

use crate::stage::{elsewhere, expect, expect_silence, std_shaped};

type Locks = RwLock<HashMap<&'static str, Arc<ReentrantMutex<()>>>>;

fn check_then_insert(locks: &Locks, key: &'static str, gap: impl FnOnce()) {
    if locks.read().unwrap().contains_key(key) {
        return;
    }
    gap();
    locks.write().unwrap().insert(key, Arc::default());
}

fn check_again_then_insert(locks: &Locks, key: &'static str, gap: impl FnOnce()) {
    if locks.read().unwrap().contains_key(key) {
        return;
    }
    gap();
    let mut locks = locks.write().unwrap();
    if !locks.contains_key(key) {
        locks.insert(key, Arc::default());
    }
}

#[test]
fn a_lock_replaced_while_in_use_is_a_suspect() {
    let locks = RwLock::new(std_shaped("serial_test"));
    let mut theirs = None;
    let gap = || {
        theirs = Some(elsewhere(|| {
            check_then_insert(&locks, "database", || ());
            Arc::clone(&locks.read().unwrap()["database"])
        }));
    };
    check_then_insert(&locks, "database", gap);
    let now = Arc::clone(&locks.read().unwrap()["database"]);
    assert!(!Arc::ptr_eq(&theirs.expect("taken in the gap"), &now), "the bug itself");
    expect("serial_test", Effect::Overwritten, ["contains_key", "insert", "insert"]);
}

#[test]
fn with_a_second_check_under_the_write_lock_it_is_silent() {
    let locks = RwLock::new(std_shaped("serial_test fixed"));
    let gap = || elsewhere(|| check_again_then_insert(&locks, "database", || ()));
    check_again_then_insert(&locks, "database", gap);
    assert_eq!(locks.read().unwrap().len(), 1);
    expect_silence("serial_test fixed");
}
