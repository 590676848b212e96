//! What walks into a delay is a real overlap; what cannot is left in peace after a while; a seed makes the choices again.

use std::sync::Mutex;

use checkedmap::observe::{self, PairState};

use crate::child::{is_child, run, tell};
use crate::programs::{Map, take_turns, ten_threads};

#[test]
fn ten_threads_with_one_key_each_are_caught_in_each_of_fifty_processes() {
    const NAME: &str = "delays::ten_threads_with_one_key_each_are_caught_in_each_of_fifty_processes";
    if is_child(NAME) {
        ten_threads();
        return tell("detected", checkedmap::books().detected);
    }
    // What is found is counted here, not read.
    let variables = [("CHECKEDMAP_HUNT", "1"), ("CHECKEDMAP_REPORT", "off"), ("CHECKEDMAP_BACKTRACE", "off")];
    let missed = (0..50).filter(|_| run(NAME, &variables).number("detected") == 0).count();
    assert_eq!(missed, 0, "of 50");
}

#[test]
fn a_lock_around_both_sides_is_no_conflict_and_soon_left_in_peace() {
    const NAME: &str = "delays::a_lock_around_both_sides_is_no_conflict_and_soon_left_in_peace";
    if is_child(NAME) {
        let map = Map::named("locked");
        let lock = Mutex::new(());
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for key in 0..2_000 {
                        let _order = lock.lock().expect("no thread panics");
                        map.insert(key, key);
                    }
                });
            }
        });
        tell("detected", checkedmap::books().detected);
        tell("delays", observe::hunt().expect("it is hunted").delays);
        let states: Vec<_> = observe::shared_pairs().pairs.iter().map(|pair| pair.state).collect();
        return tell("hunted", states.contains(&PairState::Hunted));
    }
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "window=60s,delay=2ms,budget=1")]);
    assert_eq!((ran.number("detected"), ran.told("hunted")), (0, "false"), "{:?}\n{}", ran.told, ran.stderr);
    assert!((1..=9).contains(&ran.number("delays")), "{:?}", ran.told);
    let sum = format!(": {} delays, 0 of them walked into, ", ran.told("delays"));
    assert!(ran.stderr.contains("checkedmap: hunt with CHECKEDMAP_HUNT_SEED="), "{}", ran.stderr);
    assert!(ran.stderr.contains(&sum) && ran.stderr.contains("budget 100 %)"), "{}", ran.stderr);
}

#[test]
fn a_seed_makes_the_same_choices_again() {
    const NAME: &str = "delays::a_seed_makes_the_same_choices_again";
    if is_child(NAME) {
        let map = Map::named("turns");
        let made = take_turns(40, || map.insert(1, 1));
        tell("seed", observe::hunt().expect("it is hunted").seed);
        return tell("made", format!("{made:?}"));
    }
    // Delays too short to tell who is held up, which is a matter of time.
    let hunt = ("CHECKEDMAP_HUNT", "window=60s,delay=100us,budget=1");
    let made = |seed: &str| {
        let ran = run(NAME, &[hunt, ("CHECKEDMAP_HUNT_SEED", seed)]);
        assert_eq!(ran.told("seed"), seed);
        ran.told("made").to_owned()
    };
    let first = made("7");
    assert_eq!(made("7"), first);
    assert!(["8", "9", "10", "11"].map(made).iter().any(|other| *other != first), "seeds make a difference");
    let chosen = run(NAME, &[hunt]).number("seed");
    assert_ne!(run(NAME, &[hunt]).number("seed"), chosen, "without one, each process has its own");
}
