//! Accesses that no hunt delays, beside those that it does.

use std::thread;

use checkedmap::hash_map::HashMap;
use checkedmap::{CheckedMap, Circuit, Config, Hunt, Mode};

use crate::child::{is_child, run, tell};
use crate::programs::{Map, take_turns};

/// How many delays there are when two threads take turns with an access that may be delayed at any time.
fn delays<R>(turn: impl Fn() -> R + Sync) -> u64 {
    take_turns(20, turn).last().copied().expect("there were turns")
}

/// Runs the test as a child whose every near miss is worth a delay, and returns what it tells.
fn in_a_hunt(name: &str, program: impl FnOnce() -> u64) -> Option<u64> {
    if is_child(name) {
        tell("delays", program());
        return None;
    }
    Some(run(name, &[("CHECKEDMAP_HUNT", "window=60s,delay=100us,budget=1")]).number("delays"))
}

#[test]
fn a_plain_access_is_delayed() {
    let name = "left_alone::a_plain_access_is_delayed";
    let delays = in_a_hunt(name, || {
        let map = Map::named("m");
        delays(|| map.insert(1, 1))
    });
    assert!(delays.is_none_or(|delays| delays > 0), "the twin of all tests here");
}

#[test]
fn a_try_access_is_not() {
    let name = "left_alone::a_try_access_is_not";
    let delays = in_a_hunt(name, || {
        let map = Map::named("m");
        delays(|| map.try_insert(1, 1).expect("nobody else is inside"))
    });
    assert!(delays.is_none_or(|delays| delays == 0));
}

#[test]
fn an_access_inside_another_is_not() {
    let name = "left_alone::an_access_inside_another_is_not";
    let delays = in_a_hunt(name, || {
        let (map, outer) = (Map::named("m"), Map::named("outer"));
        outer.set_hunt(false);
        delays(|| {
            let _held = outer.read();
            map.insert(1, 1);
        })
    });
    assert!(delays.is_none_or(|delays| delays == 0));
}

#[test]
fn an_access_of_a_panicking_thread_is_not() {
    struct InsertsOnDrop<'a>(&'a Map);

    impl Drop for InsertsOnDrop<'_> {
        fn drop(&mut self) {
            self.0.insert(1, 1);
        }
    }

    let name = "left_alone::an_access_of_a_panicking_thread_is_not";
    let delays = in_a_hunt(name, || {
        let map = Map::named("m");
        std::panic::set_hook(Box::new(|_| ()));
        delays(|| {
            let _ = std::panic::catch_unwind(|| {
                let _inserts = InsertsOnDrop(&map);
                panic!("on purpose");
            });
        })
    });
    assert!(delays.is_none_or(|delays| delays == 0));
}

#[test]
fn an_access_through_the_lock_of_a_degraded_map_is_not() {
    let name = "left_alone::an_access_through_the_lock_of_a_degraded_map_is_not";
    let delays = in_a_hunt(name, || {
        let map: Map = CheckedMap::builder().name("m").mode(Mode::Fallback).build();
        let reading = map.read();
        thread::scope(|scope| {
            scope.spawn(|| map.insert(1, 1));
            while map.circuit() != Circuit::Degraded {
                thread::yield_now();
            }
            drop(reading);
        });
        delays(|| map.insert(1, 1))
    });
    assert!(delays.is_none_or(|delays| delays == 0));
}

/// Maps made at one place, each used by another thread and then by this one.
fn delays_of_the_last_access(last: impl Fn(HashMap<u64, u64>)) -> u64 {
    let outer = Map::named("outer");
    outer.set_hunt(false);
    for _ in 0..20 {
        let mut map = HashMap::new();
        let insert = || {
            // Inside another one, so that it is not delayed itself.
            let _held = outer.read();
            map.insert(1, 1);
        };
        thread::scope(|scope| scope.spawn(insert).join()).expect("nobody else is inside");
        last(map);
    }
    checkedmap::observe::hunt().expect("it is hunted").delays
}

#[test]
fn an_access_that_ends_a_map_is_not() {
    let name = "left_alone::an_access_that_ends_a_map_is_not";
    let delays =
        in_a_hunt(name, || delays_of_the_last_access(drop) + delays_of_the_last_access(|map| _ = map.into_iter()));
    assert!(delays.is_none_or(|delays| delays == 0));
}

#[test]
fn an_access_that_empties_a_map_is() {
    let name = "left_alone::an_access_that_empties_a_map_is";
    let delays = in_a_hunt(name, || delays_of_the_last_access(|mut map| map.clear()));
    assert!(delays.is_none_or(|delays| delays > 0), "the twin of those that end it");
}

#[test]
fn an_access_of_a_thread_that_tears_down_its_locals_harms_nobody() {
    static MAP: std::sync::LazyLock<Map> = std::sync::LazyLock::new(|| Map::named("m"));

    struct InsertsAtTheEnd;

    impl Drop for InsertsAtTheEnd {
        fn drop(&mut self) {
            MAP.insert(MAP.len() as u64, 1);
        }
    }

    thread_local! {
        static FIRST: InsertsAtTheEnd = const { InsertsAtTheEnd };
        static LAST: InsertsAtTheEnd = const { InsertsAtTheEnd };
    }

    let name = "left_alone::an_access_of_a_thread_that_tears_down_its_locals_harms_nobody";
    let inserted = in_a_hunt(name, || {
        for _ in 0..20 {
            // One is registered before the hunt's own local, and one after it.
            let thread = thread::spawn(|| {
                FIRST.with(|_| ());
                MAP.insert(u64::MAX, 1);
                LAST.with(|_| ());
            });
            thread.join().expect("nobody else is inside");
        }
        MAP.len() as u64
    });
    assert!(inserted.is_none_or(|inserted| inserted == 41));
}

#[test]
fn a_map_may_have_its_own_word() {
    const NAME: &str = "left_alone::a_map_may_have_its_own_word";
    if is_child(NAME) {
        let hunt = Hunt::new().with_delay(std::time::Duration::from_micros(100)).with_budget(1.0);
        let delays_of = |config: Config, name: &'static str, own: Option<bool>| {
            config.apply();
            let map = Map::named(name);
            map.set_hunt(own);
            let before = checkedmap::observe::hunt().map_or(0, |hunt| hunt.delays);
            delays(|| map.insert(1, 1)).saturating_sub(before)
        };
        let on = || Config::new().with_hunt(hunt.clone());
        // A place in the source is hunted until it is given up, so the map of each line is delayed first where it matters.
        tell("on-but-not-here", delays_of(on(), "m", Some(false)));
        tell("on-for-others", delays_of(Config::new().with_hunt(hunt.clone().with_maps(["other"])), "m", None));
        tell("off", delays_of(Config::new(), "m", None));
        tell("off-but-here", delays_of(Config::new(), "m", Some(true)));
        let built: Map = CheckedMap::builder().hunt(true).build();
        tell("built", checkedmap::observe::hunt().is_some());
        drop(built);
        return tell("gone", checkedmap::observe::hunt().is_some());
    }
    let ran = run(NAME, &[]);
    for quiet in ["on-but-not-here", "on-for-others", "off"] {
        assert_eq!(ran.number(quiet), 0, "{quiet}");
    }
    assert!(ran.number("off-but-here") > 0);
    assert_eq!((ran.told("built"), ran.told("gone")), ("true", "false"));
}
