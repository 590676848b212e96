//! <https://github.com/facebook/buck2/pull/1303>: semaphores by name. Two callers find none under a name, each makes one, the
//! second insert replaces the first, and what should be run by one at a time is run by two.

use std::sync::Arc;

use checkedmap::CheckedMap;
use checkedmap::report::Effect;
use parking_lot::Mutex;

use crate::stage::{elsewhere, expect, expect_silence, map};

type Semaphores = CheckedMap<String, Arc<Mutex<()>>>;

fn by_two_calls(semaphores: &Semaphores, name: &str, gap: impl FnOnce()) -> Arc<Mutex<()>> {
    if let Some(there) = semaphores.get(name) {
        return Arc::clone(&there);
    }
    gap();
    let made = Arc::new(Mutex::new(()));
    semaphores.insert(name.to_owned(), Arc::clone(&made));
    made
}

fn by_one_call(semaphores: &Semaphores, name: &str, gap: impl FnOnce()) -> Arc<Mutex<()>> {
    if let Some(there) = semaphores.get(name) {
        return Arc::clone(&there);
    }
    gap();
    Arc::clone(&semaphores.entry(name.to_owned()).or_default())
}

#[test]
fn two_semaphores_for_one_name_are_a_suspect() {
    let semaphores = map("buck2");
    let mut theirs = None;
    let gap = || theirs = Some(elsewhere(|| by_two_calls(&semaphores, "port", || ())));
    let ours = by_two_calls(&semaphores, "port", gap);
    assert!(!Arc::ptr_eq(&ours, &theirs.expect("made in the gap")), "the bug itself");
    expect("buck2", Effect::Overwritten, ["get", "insert", "insert"]);
}

#[test]
fn with_entry_it_is_silent() {
    let semaphores = map("buck2 fixed");
    let mut theirs = None;
    let gap = || theirs = Some(elsewhere(|| by_one_call(&semaphores, "port", || ())));
    let ours = by_one_call(&semaphores, "port", gap);
    assert!(Arc::ptr_eq(&ours, &theirs.expect("made in the gap")));
    expect_silence("buck2 fixed");
}
