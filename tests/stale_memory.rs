//! What stale checks cost in memory, as `docs::stale` states it, and that they give it back.
//!
//! One test alone in its process: it counts what the whole process has allocated.

mod bytes_in_use;

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::sync::Barrier;

use checkedmap::config::set_stale_checks;
use checkedmap::{Backtrace, CheckedMap, Config, StaleChecks, stale};

use bytes_in_use::in_use;

/// Bytes, as the page says.
const OF_THE_FIRST_KEY: usize = 1024;
const OF_A_KEY: usize = 500;
const OF_A_KEY_OF_MANY_THREADS: usize = 1900;
/// What a map that was watched once keeps until it goes.
const FOR_GOOD: usize = 128;

fn taken(work: impl FnOnce()) -> usize {
    let before = in_use();
    work();
    in_use().saturating_sub(before)
}

/// A map that is watched by its own word, with its own entries there already.
fn watched(keys: u64) -> CheckedMap<u64, u64> {
    let map: CheckedMap<u64, u64> = (0..keys).map(|key| (key, 0)).collect();
    map.set_stale_checks(true);
    map
}

fn look_at(map: &CheckedMap<u64, u64>, keys: u64) {
    (0..keys).for_each(|key| assert!(map.contains_key(&key)));
}

fn elsewhere<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| scope.spawn(work).join()).expect("no panic elsewhere")
}

#[test]
fn as_stated_and_given_back() {
    Config::new().with_backtrace(Backtrace::Off).with_report([]).apply();
    // The settings, this thread's ledger and name, the reporter.
    look_at(&watched(1), 1);
    elsewhere(|| ());

    let map = watched(1);
    let first = taken(|| look_at(&map, 1));
    assert!(first < OF_THE_FIRST_KEY, "the first key: {first}");
    set_stale_checks(StaleChecks::new().with_keys(1 << 20));
    let map = watched(1);
    let first = taken(|| look_at(&map, 1));
    assert!(first < OF_THE_FIRST_KEY, "the first key of a map that may remember a million: {first}");

    // One thread has looked, one has written.
    const MANY: u64 = 4096;
    let map = watched(MANY);
    let each = taken(|| {
        look_at(&map, MANY);
        elsewhere(|| (0..MANY).for_each(|key| _ = map.insert(key, 1)));
    }) / MANY as usize;
    eprintln!("a key: {each}");
    assert!(each < OF_A_KEY, "a key: {each}");
    // As many threads as are remembered, what all keys share included, and more.
    set_stale_checks(StaleChecks::new().with_keys(MANY as usize));
    for _ in 0..12 {
        elsewhere(|| look_at(&map, MANY));
    }
    let each = taken(|| elsewhere(|| look_at(&map, MANY)));
    assert!(each < MANY as usize, "another thread: {each}");

    // The bounds hold however many threads and keys there are.
    set_stale_checks(None);
    let map = watched(1024);
    let each = taken(|| {
        for _ in 0..12 {
            elsewhere(|| look_at(&map, 1024));
        }
        elsewhere(|| (0..1024).for_each(|key| *map.get_mut(&key).unwrap() += 1));
        elsewhere(|| (0..1024).for_each(|key| _ = map.insert(key, 1)));
    }) / 1024;
    eprintln!("a key of many threads: {each}");
    assert!(each < OF_A_KEY_OF_MANY_THREADS, "a key of many threads: {each}");
    let many = watched(1 << 16);
    let bound = taken(|| {
        look_at(&many, 1 << 16);
        elsewhere(|| (0..1 << 16).for_each(|key| _ = many.insert(key, 1)));
    });
    eprintln!("many keys: {bound}");
    assert!(bound < 1024 * OF_A_KEY, "65,536 keys, of which 1,024 are remembered: {bound}");
    assert!(stale::evicted() > 0);

    // Given back at the switch: of one map, and of all.
    let before = in_use();
    many.set_stale_checks(false);
    assert!(before - in_use() + FOR_GOOD > bound, "one map keeps {}", bound.saturating_sub(before - in_use()));
    drop((map, many));

    set_stale_checks(StaleChecks::new());
    let maps: Vec<CheckedMap<u64, u64>> = (0..8).map(|_| (0..1024).map(|key| (key, 0)).collect()).collect();
    let all = taken(|| maps.iter().for_each(|map| look_at(map, 1024)));
    let before = in_use();
    set_stale_checks(None);
    let kept = all.saturating_sub(before - in_use());
    assert!(kept < maps.len() * FOR_GOOD, "{} maps keep {kept} of {all}", maps.len());
    drop(maps);

    // An access that was inside as the checks were switched off does not begin anew.
    type Switch = fn(&CheckedMap<Slow, u64>);
    let switches: [(Switch, Switch); 2] = [
        (|_| set_stale_checks(StaleChecks::new()), |_| set_stale_checks(None)),
        (|map| map.set_stale_checks(true), |map| map.set_stale_checks(false)),
    ];
    for (on, off) in switches {
        let map = CheckedMap::from([(Slow, 0)]);
        on(&map);
        let kept = taken(|| {
            std::thread::scope(|scope| {
                let inside = scope.spawn(|| {
                    assert!(map.contains_key(&Slow), "the map has something to forget");
                    WAITS.set(true);
                    assert!(map.contains_key(&Slow));
                    assert!(!WAITS.get(), "it was not held inside");
                });
                MEET.wait();
                off(&map);
                MEET.wait();
                inside.join().expect("it only looks");
            });
        });
        assert!(kept < FOR_GOOD, "after a switch beside an access: {kept}");
    }
}

thread_local! {
    static WAITS: Cell<bool> = const { Cell::new(false) };
}
static MEET: Barrier = Barrier::new(2);

/// A key that is hashed, inside the access, for as long as it takes to switch the checks off.
#[derive(PartialEq, Eq)]
struct Slow;

impl Hash for Slow {
    fn hash<H: Hasher>(&self, _: &mut H) {
        if WAITS.replace(false) {
            MEET.wait();
            MEET.wait();
        }
    }
}
