//! What looks like check-then-act and is none.

use std::sync::Mutex;

use checkedmap::CheckedMap;
use checkedmap::report::{Effect, Severity};
use checkedmap::stale::intended;

use crate::stage::{elsewhere, expect, expect_hint, expect_silence, map, std_shaped, suspect};

#[test]
fn a_cache_filled_through_entry_is_silent() {
    let cache: CheckedMap<u64, u64> = map("cache by entry");
    let square = |n: u64, gap: &dyn Fn()| {
        if let Some(known) = cache.get(&n) {
            return *known;
        }
        gap();
        *cache.entry(n).or_insert_with(|| n * n)
    };
    assert_eq!(square(7, &|| assert_eq!(elsewhere(|| square(7, &|| ())), 49)), 49);
    expect_silence("cache by entry");
}

fn fill(cache: &CheckedMap<u64, u64>, n: u64, gap: &dyn Fn(), insert: &(dyn Fn(u64, u64) + Sync)) {
    if cache.get(&n).is_none() {
        gap();
        insert(n, n * n);
    }
}

#[test]
fn a_cache_filled_twice_on_purpose_is_silent() {
    let cache = map("cache intended");
    let insert = |n, square| _ = intended(|| cache.insert(n, square));
    fill(&cache, 7, &|| elsewhere(|| fill(&cache, 7, &|| (), &insert)), &insert);
    expect_silence("cache intended");
}

#[test]
fn a_cache_filled_twice_without_a_word_is_a_suspect() {
    let cache = map("cache");
    let insert = |n, square| _ = cache.insert(n, square);
    fill(&cache, 7, &|| elsewhere(|| fill(&cache, 7, &|| (), &insert)), &insert);
    expect("cache", Effect::Overwritten, ["get", "insert", "insert"]);
}

#[test]
fn counters_through_entry_are_silent() {
    let hits = map("counters");
    let mut hits_of_std = std_shaped("counters");
    for _ in 0..4 {
        let _seen = hits.get("/").map(|n| *n);
        elsewhere(|| *hits.entry("/").or_insert(0) += 1);
        *hits.entry("/").or_insert(0) += 1;
        let _seen = hits_of_std.get("/").copied();
        elsewhere(|| *hits_of_std.entry("/").or_insert(0) += 1);
        *hits_of_std.entry("/").or_insert(0) += 1;
    }
    assert_eq!((*hits.get("/").unwrap(), hits_of_std["/"]), (8, 8));
    expect_silence("counters");
}

#[test]
fn a_single_get_mut_is_silent() {
    let hits = map("get_mut alone");
    hits.insert("/", 0);
    for _ in 0..4 {
        elsewhere(|| *hits.get_mut("/").unwrap() += 1);
        *hits.get_mut("/").unwrap() += 1;
    }
    assert_eq!(hits.get("/").unwrap(), 8);
    expect_silence("get_mut alone");
}

#[test]
fn the_last_writer_wins_in_silence() {
    let states = map("last writer wins");
    for _ in 0..4 {
        states.insert("printer", "ready");
        elsewhere(|| states.insert("printer", "busy"));
    }
    states.remove("printer");
    expect_silence("last writer wins");
}

#[test]
fn a_key_for_each_thread_is_silent() {
    let progress: CheckedMap<usize, u32> = map("thread per key");
    let turn = Mutex::new(());
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let (progress, turn) = (&progress, &turn);
            scope.spawn(move || {
                for _ in 0..16 {
                    let done = {
                        let _turn = turn.lock().unwrap();
                        progress.get(&worker).map_or(0, |done| *done)
                    };
                    let _turn = turn.lock().unwrap();
                    progress.insert(worker, done + 1);
                }
            });
        }
    });
    assert_eq!(progress.values().sum::<u32>(), 64);
    expect_silence("thread per key");
}

#[test]
fn double_checked_locking_is_silent() {
    let (connections, lock) = (map("double-checked"), Mutex::new(()));
    let connect = |gap: &dyn Fn()| {
        if let Some(there) = connections.get("db") {
            return *there;
        }
        gap();
        let _held = lock.lock().unwrap();
        if let Some(there) = connections.get("db") {
            return *there;
        }
        connections.insert("db", 1);
        1
    };
    connect(&|| _ = elsewhere(|| connect(&|| ())));
    // Where the first look was at one that is gone by the second.
    let seen = connections.get("db").is_some();
    elsewhere(|| connections.remove("db"));
    if seen && !connections.contains_key("db") {
        connections.insert("db", 2);
    }
    expect_silence("double-checked");
}

#[test]
fn a_check_inside_one_guard_is_silent() {
    let accounts = map("one guard");
    accounts.insert("ada", 10);
    let _seen = accounts.get("ada").map(|balance| *balance);
    elsewhere(|| accounts.insert("ada", 5));
    let mut all = accounts.write();
    if all["ada"] >= 5 {
        *all.get_mut("ada").unwrap() -= 5;
    }
    drop(all);
    // The guard has shown everything: what follows it does not rest on the first look.
    accounts.insert("ada", 3);
    expect_silence("one guard");
}

#[test]
fn removing_what_somebody_else_has_removed_is_silent() {
    let leases = map("removed twice");
    leases.insert(1, "expired");
    if leases.get(&1).is_some_and(|lease| *lease == "expired") {
        elsewhere(|| leases.remove(&1));
        assert_eq!(leases.remove(&1), None);
    }
    expect_silence("removed twice");
}

#[test]
fn a_janitor_that_removes_what_was_renewed_is_a_suspect() {
    let leases = map("renewed");
    leases.insert(1, "expired");
    if leases.get(&1).is_some_and(|lease| *lease == "expired") {
        elsewhere(|| leases.insert(1, "renewed"));
        assert_eq!(leases.remove(&1), Some("renewed"));
    }
    expect("renewed", Effect::Removed, ["get", "insert", "remove"]);
}

#[test]
fn an_entry_put_back_after_a_sweep_is_a_hint() {
    let sessions = map("swept");
    sessions.insert(1, 0);
    if sessions.contains_key(&1) {
        elsewhere(|| sessions.retain(|_, age| *age > 0));
        sessions.insert(1, 1);
    }
    expect_hint("swept", Effect::Revived, ["contains_key", "retain", "insert"]);
    // Who removes by key means this entry: a user who has logged out.
    let sessions = map("logged out");
    sessions.insert(1, 0);
    if sessions.get(&1).is_some() {
        elsewhere(|| sessions.remove(&1));
        sessions.insert(1, 1);
    }
    expect("logged out", Effect::Revived, ["get", "remove", "insert"]);
}

#[test]
fn an_entry_that_was_waited_for_and_is_taken_is_a_hint() {
    let answers = map("waited for");
    if answers.get(&1).is_none() {
        elsewhere(|| answers.insert(1, "42"));
        assert_eq!(answers.remove(&1), Some("42"));
    }
    expect_hint("waited for", Effect::Removed, ["get", "insert", "remove"]);
}

#[test]
fn a_value_lent_anew_is_a_hint() {
    let hits = map("lent anew");
    hits.insert("/", 1);
    let seen = *hits.get("/").unwrap();
    elsewhere(|| *hits.get_mut("/").unwrap() += 1);
    *hits.get_mut("/").unwrap() = seen + 1;
    let suspect = suspect("lent anew");
    assert_eq!((suspect.effect, suspect.severity), (Effect::Altered, Severity::Hint));
}

#[test]
fn each_way_to_write_with_stds_signatures_acts_on_a_lookup() {
    use checkedmap::hash_map::HashMap;
    type Write = fn(&mut HashMap<u64, u64>);
    let writes: [(&'static str, &'static str, Effect, Write); 5] = [
        ("std insert", "insert", Effect::Overwritten, |map| _ = map.insert(7, 2)),
        ("std remove", "remove", Effect::Removed, |map| _ = map.remove(&7)),
        ("std extend", "extend", Effect::Overwritten, |map| map.extend([(7, 2)])),
        ("std get_mut", "get_mut", Effect::Altered, |map| *map.get_mut(&7).unwrap() += 1),
        ("std get_disjoint_mut", "get_disjoint_mut", Effect::Altered, |map| {
            *map.get_disjoint_mut([&8, &7])[1].as_deref_mut().unwrap() += 1;
        }),
    ];
    for (name, operation, effect, write) in writes {
        let mut map = std_shaped(name);
        map.insert(7, 0);
        assert_eq!(map[&7], 0);
        elsewhere(|| *map.get_mut(&7).unwrap() = 1);
        write(&mut map);
        let suspect = suspect(name);
        assert_eq!((suspect.acting.operation.as_str(), suspect.effect), (operation, effect), "{suspect}");
        assert_eq!((suspect.lookup.operation.as_str(), suspect.intervening.operation.as_str()), ("index", "get_mut"));
    }
}

/// Unlike the method of std's map that has its name.
#[test]
fn try_insert_replaces_and_so_acts_on_a_lookup() {
    let places = map("try_insert replaces");
    assert!(!places.try_contains_key(&7).unwrap());
    assert_eq!(elsewhere(|| places.try_insert(7, "theirs").unwrap()), None);
    assert_eq!(places.try_insert(7, "ours").unwrap(), Some("theirs"));
    expect("try_insert replaces", Effect::Overwritten, ["contains_key", "insert", "insert"]);
}

#[test]
fn try_entry_looks_for_itself() {
    let places = map("try_entry looks");
    assert!(!places.try_contains_key(&7).unwrap());
    elsewhere(|| places.try_insert(7, "theirs").unwrap());
    assert_eq!(places.try_entry(7).unwrap().or_insert("ours"), "theirs");
    expect_silence("try_entry looks");
}

#[test]
fn a_walk_counts_as_a_second_look() {
    let (map, mut map_of_std) = (map("walked"), std_shaped("walked"));
    map.insert(7, 0);
    map_of_std.insert(7, 0);
    let _seen = (map.get(&7).map(|value| *value), map_of_std.get(&7).copied());
    elsewhere(|| map.insert(7, 1));
    elsewhere(|| map_of_std.insert(7, 1));
    let sums = (map.values().sum::<u64>(), map_of_std.values().sum::<u64>());
    map.insert(7, sums.0 + 1);
    map_of_std.insert(7, sums.1 + 1);
    expect_silence("walked");
}

#[test]
fn each_way_to_write_acts_on_a_lookup() {
    type Write = fn(&CheckedMap<u64, u64>);
    let writes: [(&'static str, &'static str, Write); 5] = [
        ("insert", "insert", |map| _ = map.insert(7, 2)),
        ("try_insert", "insert", |map| _ = map.try_insert(7, 2).unwrap()),
        ("remove_entry", "remove_entry", |map| _ = map.remove_entry(&7)),
        ("try_remove", "remove", |map| _ = map.try_remove(&7).unwrap()),
        ("extend", "extend", |map| map.extend([(7, 2)])),
    ];
    for (name, operation, write) in writes {
        let map = map(name);
        map.insert(7, 0);
        assert_eq!(map.try_get(&7).unwrap().map(|value| *value), Some(0));
        elsewhere(|| map.extend([(7, 1)]));
        write(&map);
        let suspect = suspect(name);
        assert_eq!((suspect.acting.operation.as_str(), suspect.severity), (operation, Severity::Suspect));
        assert_eq!(suspect.intervening.operation, "extend");
    }
}
