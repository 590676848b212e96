//! <https://github.com/xacrimon/dashmap/issues/196>: entries under keys drawn at random. A key is drawn until one is free;
//! another thread that draws the same one in between loses its entry.

use std::cell::Cell;

use checkedmap::CheckedMap;
use checkedmap::map::Entry;
use checkedmap::report::Effect;

use crate::stage::{elsewhere, expect, expect_silence, map};

type Entries = CheckedMap<u64, &'static str>;

fn by_two_calls(entries: &Entries, draws: &[u64], data: &'static str, gap: impl Fn()) -> u64 {
    for &key in draws {
        if !entries.contains_key(&key) {
            gap();
            entries.insert(key, data);
            return key;
        }
    }
    panic!("no free key")
}

fn by_one_call(entries: &Entries, draws: &[u64], data: &'static str, gap: impl Fn()) -> u64 {
    for &key in draws {
        // Taken keys are the rule, and looking is cheaper.
        if entries.contains_key(&key) {
            continue;
        }
        gap();
        if let Entry::Vacant(place) = entries.entry(key) {
            let _ = place.insert(data);
            return key;
        }
    }
    panic!("no free key")
}

#[test]
fn an_entry_lost_to_the_same_key_is_a_suspect() {
    let entries = map("dashmap");
    let gap = || _ = elsewhere(|| by_two_calls(&entries, &[4], "theirs", || ()));
    assert_eq!(by_two_calls(&entries, &[4, 5], "ours", gap), 4);
    assert_eq!(entries.len(), 1, "the bug itself");
    expect("dashmap", Effect::Overwritten, ["contains_key", "insert", "insert"]);
}

#[test]
fn with_entry_it_is_silent() {
    let entries = map("dashmap fixed");
    let theirs = Cell::new(None);
    let gap = || {
        if theirs.get().is_none() {
            theirs.set(Some(elsewhere(|| by_one_call(&entries, &[4], "theirs", || ()))));
        }
    };
    assert_eq!(by_one_call(&entries, &[4, 5], "ours", gap), 5);
    assert_eq!(theirs.get(), Some(4), "drawn in the gap");
    assert_eq!(entries.len(), 2);
    expect_silence("dashmap fixed");
}
