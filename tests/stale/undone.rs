//! Acts that come to nothing: where a key's `Hash` or `Eq` panics, and entries that stay vacant. What was not done is not
//! remembered; what was, is.

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};

use checkedmap::CheckedMap;
use checkedmap::hash_map::HashMap;
use checkedmap::map::Entry;
use checkedmap::report::Effect;

use crate::stage::{elsewhere, expect, map, repeats, std_shaped, suspects};

thread_local! {
    /// How many more calls of `Hash` or `Eq` go well; none is counted where there is no number.
    static GO_WELL: Cell<Option<u32>> = const { Cell::new(None) };
}

fn count_a_call() {
    match GO_WELL.get() {
        Some(0) => {
            GO_WELL.set(None);
            panic!("on purpose");
        }
        Some(left) => GO_WELL.set(Some(left - 1)),
        None => {}
    }
}

#[derive(Clone, Copy)]
struct Moody(u64);

impl Hash for Moody {
    fn hash<H: Hasher>(&self, state: &mut H) {
        count_a_call();
        self.0.hash(state);
    }
}

impl PartialEq for Moody {
    fn eq(&self, other: &Self) -> bool {
        count_a_call();
        self.0 == other.0
    }
}

impl Eq for Moody {}

const KEY: Moody = Moody(7);

/// Whether `work` was done, on a thread on which the call after this many of `Hash` or `Eq` panics.
fn is_done(calls: u32, work: impl FnOnce() + Send) -> bool {
    elsewhere(|| is_done_here(calls, work))
}

fn is_done_here(calls: u32, work: impl FnOnce()) -> bool {
    GO_WELL.set(Some(calls));
    let done = catch_unwind(AssertUnwindSafe(work)).is_ok();
    GO_WELL.set(None);
    done
}

/// How many suspects there were on the maps of a name, those included that were folded into others.
fn told(name: &str) -> u64 {
    suspects(name).iter().map(|suspect| suspect.count).sum::<u64>() + repeats(name)
}

/// Panics at each call in turn, until there are no more.
const CALLS: std::ops::Range<u32> = 0..8;

#[test]
fn a_write_that_panicked_is_nobody_elses_write() {
    type Write = fn(&CheckedMap<Moody, u64>);
    let writes: [(&'static str, Write); 5] = [
        ("undone insert", |map| _ = map.insert(KEY, 1)),
        ("undone remove", |map| _ = map.remove(&KEY)),
        ("undone get_mut", |map| *map.get_mut(&KEY).unwrap() += 1),
        ("undone get_disjoint_mut", |map| *map.get_disjoint_mut([&KEY])[0].as_deref_mut().unwrap() += 1),
        ("undone extend", |map| map.extend([(KEY, 1)])),
    ];
    for (name, write) in writes {
        let map = map(name);
        let mut done = 0;
        for calls in CALLS {
            map.insert(KEY, 0);
            assert!(map.get(&KEY).is_some());
            done += u64::from(is_done(calls, || write(&map)));
            map.insert(KEY, 2);
        }
        assert!(0 < done && done < u64::from(CALLS.end), "{name}: {done}");
        assert_eq!(told(name), done, "{name}: as many as were done");
    }
}

#[test]
fn a_write_that_panicked_is_nobody_elses_write_with_stds_signatures() {
    type Write = fn(&mut HashMap<Moody, u64>);
    let writes: [(&'static str, Write); 4] = [
        ("std undone insert", |map| _ = map.insert(KEY, 1)),
        ("std undone remove", |map| _ = map.remove(&KEY)),
        ("std undone get_mut", |map| *map.get_mut(&KEY).unwrap() += 1),
        ("std undone get_disjoint_mut", |map| *map.get_disjoint_mut([&KEY])[0].as_deref_mut().unwrap() += 1),
    ];
    for (name, write) in writes {
        let mut map = std_shaped(name);
        let mut done = 0;
        for calls in CALLS {
            map.insert(KEY, 0);
            assert!(map.get(&KEY).is_some());
            done += u64::from(is_done(calls, || write(&mut map)));
            map.insert(KEY, 2);
        }
        assert!(0 < done && done < u64::from(CALLS.end), "{name}: {done}");
        assert_eq!(told(name), done, "{name}: as many as were done");
    }
}

#[test]
fn who_was_told_nothing_has_not_looked() {
    let (map, mut map_of_std) = (map("undone get"), std_shaped("undone get"));
    let mut done = 0;
    for calls in CALLS {
        map.insert(KEY, 0);
        map_of_std.insert(KEY, 0);
        done += u64::from(is_done_here(calls, || assert!(map.get(&KEY).is_some())));
        done += u64::from(is_done_here(calls, || assert!(map_of_std.get(&KEY).is_some())));
        elsewhere(|| map.insert(KEY, 1));
        elsewhere(|| map_of_std.insert(KEY, 1));
        map.remove(&KEY);
        map_of_std.remove(&KEY);
    }
    assert!(0 < done && done < 2 * u64::from(CALLS.end), "{done}");
    assert_eq!(told("undone get"), done);
}

#[test]
fn an_act_that_panicked_has_not_used_the_lookup_up() {
    let map = map("undone act");
    map.insert(KEY, 0);
    assert!(map.get(&KEY).is_some());
    elsewhere(|| map.insert(KEY, 1));
    assert!(!is_done_here(0, || _ = map.insert(KEY, 2)));
    map.insert(KEY, 3);
    expect("undone act", Effect::Overwritten, ["get", "insert", "insert"]);
}

/// An entry that somebody else opens and leaves vacant has not made one, and does not hide who has removed it.
#[test]
fn an_entry_that_stays_vacant_is_no_write() {
    type Visit = fn(&CheckedMap<u64, u64>);
    let visits: [(&'static str, Visit); 4] = [
        ("left vacant", |map| assert!(matches!(map.entry(7), Entry::Vacant(_)))),
        ("only looked at", |map| drop(map.entry(7).and_modify(|value| *value += 1))),
        ("key taken back", |map| {
            let Entry::Vacant(place) = map.entry(7) else { panic!("there is one") };
            assert_eq!(place.into_key(), 7);
        }),
        ("closure panicked", |map| {
            let fill = || drop(map.entry(7).or_insert_with(|| panic!("on purpose")));
            assert!(catch_unwind(AssertUnwindSafe(fill)).is_err());
        }),
    ];
    for (name, visit) in visits {
        let map = map(name);
        map.insert(7, 0);
        assert!(map.get(&7).is_some());
        elsewhere(|| map.remove(&7));
        elsewhere(|| visit(&map));
        map.insert(7, 1);
        expect(name, Effect::Revived, ["get", "remove", "insert"]);
    }
}

#[test]
fn an_entry_that_is_filled_is_a_write() {
    type Fill = fn(&CheckedMap<u64, u64>);
    let fills: [(&'static str, Fill); 3] = [
        ("or_insert", |map| drop(map.entry(7).or_insert(1))),
        ("insert_entry", |map| drop(map.entry(7).insert_entry(1))),
        ("or_insert_with", |map| drop(map.entry(7).or_insert_with(|| 1))),
    ];
    for (name, fill) in fills {
        let map = map(name);
        assert!(map.get(&7).is_none());
        elsewhere(|| fill(&map));
        map.insert(7, 2);
        expect(name, Effect::Overwritten, ["get", "entry", "insert"]);
    }
}

#[test]
fn an_entry_with_stds_signatures_is_a_write_once_it_is_filled() {
    use checkedmap::hash_map::Entry;
    type Visit = fn(&mut HashMap<u64, u64>);
    let visits: [(&'static str, bool, Visit); 4] = [
        ("std left vacant", false, |map| assert!(matches!(map.entry(7), Entry::Vacant(_)))),
        ("std closure panicked", false, |map| {
            let fill = || *map.entry(7).or_insert_with(|| panic!("on purpose")) = 1;
            assert!(catch_unwind(AssertUnwindSafe(fill)).is_err());
        }),
        ("std or_insert", true, |map| *map.entry(7).or_insert(1) += 1),
        ("std insert_entry", true, |map| _ = map.entry(7).insert_entry(1)),
    ];
    for (name, fills, visit) in visits {
        let mut map = std_shaped(name);
        map.insert(7, 0);
        assert!(map.get(&7).is_some());
        elsewhere(|| map.remove(&7));
        elsewhere(|| visit(&mut map));
        map.insert(7, 2);
        if fills {
            expect(name, Effect::Overwritten, ["get", "insert", "insert"]);
        } else {
            expect(name, Effect::Revived, ["get", "remove", "insert"]);
        }
    }
}
