//! What walks into a delay is a real overlap; what cannot is left in peace after a while; a seed makes the choices again.

use std::sync::Mutex;

use checkedmap::observe::{self, PairState};

use crate::child::{PlanPath, is_child, run, tell, text};
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
}

/// One access of each of two threads, so that the second one is where the first has been.
fn meet_once() {
    let map = Map::named("m");
    for _ in 0..2 {
        std::thread::scope(|scope| scope.spawn(|| map.insert(1, 1)).join()).expect("nobody else is inside");
    }
}

#[test]
fn a_program_that_was_hunted_in_says_so_in_one_line_as_it_ends() {
    const NAME: &str = "delays::a_program_that_was_hunted_in_says_so_in_one_line_as_it_ends";
    if is_child(NAME) {
        meet_once();
        return tell("delays", observe::hunt().expect("it is hunted").delays);
    }
    let hunt = [("CHECKEDMAP_HUNT", "window=60s,delay=100us,budget=0.5"), ("CHECKEDMAP_HUNT_SEED", "7")];
    let line_of = |more: &[(&str, &str)]| {
        let ran = run(NAME, &[&hunt, more].concat());
        assert_eq!(ran.number("delays"), 1, "{}", ran.stderr);
        let lines: Vec<_> = ran.stderr.lines().filter(|line| line.contains("checkedmap")).map(str::to_owned).collect();
        lines.join("\n")
    };
    let line = line_of(&[]);
    let (begin, end) = line.split_once(" of ").expect("it has the times");
    assert!(begin.starts_with("checkedmap: hunt with CHECKEDMAP_HUNT_SEED=7: 1 delay, 0 walked into, "), "{line}");
    assert!(
        end.ends_with(" %, budget 50 %), 1 pair left to hunt, where a plan (CHECKEDMAP_HUNT_PLAN) would begin"),
        "{line}"
    );

    let plan = PlanPath::new();
    let path = plan.path();
    let line = line_of(&[("CHECKEDMAP_HUNT_PLAN", text(&path))]);
    assert!(line.ends_with(&format!(", 1 pair left to hunt, plan in {}", path.display())), "{line}");

    let elsewhere = [("CHECKEDMAP_REPORT", "off"), ("CHECKEDMAP_HUNT_PLAN", text(&path))];
    assert_eq!(line_of(&elsewhere[..1]), "", "where reports do not go to stderr");
    std::fs::remove_file(&path).expect("the last run has left it");
    assert_eq!(line_of(&elsewhere), "");
    assert_eq!(plan.count("candidate"), 1, "{}", plan.text());
}

#[test]
fn a_pair_without_a_delay_so_far_is_told_too_and_a_program_without_one_says_nothing() {
    const NAME: &str = "delays::a_pair_without_a_delay_so_far_is_told_too_and_a_program_without_one_says_nothing";
    if is_child(NAME) {
        return meet_once();
    }
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "window=60s,budget=0")]);
    assert!(ran.stderr.contains(": 0 delays, 0 walked into, "), "{}", ran.stderr);
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "maps=other")]);
    assert!(!ran.stderr.contains("checkedmap"), "{}", ran.stderr);
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
