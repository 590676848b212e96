//! What walks into a delay is a real overlap; what cannot is left in peace after a while; a seed makes the choices again.

use std::sync::{Condvar, Mutex, mpsc};

use checkedmap::observe::{self, PairState};
use checkedmap::{CheckedMap, Mode};

use crate::child::{PlanPath, is_child, run, tell, text};
use crate::programs::{Map, PATIENCE, take_turns, ten_threads};

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

/// A lock that two threads hold in turns, so that who waits for it gets it at once.
#[derive(Default)]
struct Turns {
    turn: Mutex<usize>,
    changed: Condvar,
}

impl Turns {
    fn locked(&self, whose: usize, access: impl FnOnce()) {
        let turn = self.turn.lock().expect("no thread panics");
        let mut turn = self.changed.wait_while(turn, |turn| *turn % 2 != whose).expect("no thread panics");
        access();
        *turn += 1;
        self.changed.notify_all();
    }
}

#[test]
fn a_lock_around_both_sides_is_no_conflict_and_soon_found_out() {
    const NAME: &str = "delays::a_lock_around_both_sides_is_no_conflict_and_soon_found_out";
    if is_child(NAME) {
        let map = Map::named("locked");
        let lock = Turns::default();
        std::thread::scope(|scope| {
            scope.spawn(|| (0..2_000).for_each(|key| lock.locked(0, || _ = map.insert(key, key))));
            scope.spawn(|| (0..2_000).for_each(|key| lock.locked(1, || _ = map.remove(&key))));
        });
        tell("detected", checkedmap::books().detected);
        tell("delays", observe::hunt().expect("it is hunted").delays);
        let states: Vec<_> = observe::shared_pairs().pairs.iter().map(|pair| pair.state).collect();
        return tell("states", format!("{states:?}"));
    }
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "window=60s,delay=50ms,budget=1")]);
    let ordered = format!("{:?}", [PairState::Ordered]);
    assert_eq!((ran.number("detected"), ran.told("states")), (0, &*ordered), "{:?}\n{}", ran.told, ran.stderr);
    // A place without an order is given up after nine; here it takes two at each that are long enough to tell.
    assert!((4..18).contains(&ran.number("delays")), "{:?}", ran.told);
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
        end.ends_with(
            " %, budget 50 %), 1 pair left to hunt; set CHECKEDMAP_HUNT_PLAN=FILE to go on with it in the next run"
        ),
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

/// Whether the settings are read before or after it says so.
#[test]
fn a_map_that_hunts_by_its_own_word_is_told_of_and_has_the_plan_although_it_is_gone_by_the_end() {
    const NAME: &str =
        "delays::a_map_that_hunts_by_its_own_word_is_told_of_and_has_the_plan_although_it_is_gone_by_the_end";
    const READ_BEFORE: &str = "CHECKEDMAP_TEST_READ_BEFORE";
    if is_child(NAME) {
        if std::env::var_os(READ_BEFORE).is_some() {
            let _ = checkedmap::mode();
        }
        let map = Map::named("m");
        map.set_hunt(true);
        // How soon the second thread comes after the first is the machine's.
        while observe::hunt().is_none_or(|hunt| hunt.hunted == 0) {
            (0..2).for_each(|_| std::thread::scope(|scope| _ = scope.spawn(|| map.insert(1, 1)).join()));
        }
        drop(map);
        return tell("gone", observe::hunt().is_none());
    }
    for settings in [&[("CHECKEDMAP_HUNT_SEED", "7")][..], &[("CHECKEDMAP_HUNT_SEED", "7"), (READ_BEFORE, "1")]] {
        let ran = run(NAME, settings);
        let line = ran.stderr.lines().filter(|line| line.contains("checkedmap: hunt with CHECKEDMAP_HUNT_SEED=7: "));
        assert_eq!((ran.told("gone"), line.count()), ("true", 1), "{settings:?}: {}", ran.stderr);

        let plan = PlanPath::new();
        let path = plan.path();
        let ran = run(NAME, &[settings, &[("CHECKEDMAP_HUNT_PLAN", text(&path))]].concat());
        assert!(ran.stderr.contains(&format!(", plan in {}", path.display())), "{settings:?}: {}", ran.stderr);
        assert_eq!(plan.count("candidate"), 1, "{settings:?}: {}", plan.text());
    }
}

#[test]
fn a_plan_that_nothing_uses_is_told_of_as_the_program_ends() {
    const NAME: &str = "delays::a_plan_that_nothing_uses_is_told_of_as_the_program_ends";
    if is_child(NAME) {
        return meet_once();
    }
    let plan = PlanPath::new();
    let path = plan.path();
    let lines_of = |more: &[(&str, &str)]| {
        let ran = run(NAME, &[&[("CHECKEDMAP_HUNT_PLAN", text(&path))], more].concat());
        let lines: Vec<_> = ran.stderr.lines().filter(|line| line.contains("is not used")).map(str::to_owned).collect();
        lines
    };
    let line = "is not used: nothing is hunted; CHECKEDMAP_HUNT=1 hunts";
    assert_eq!(lines_of(&[]), [format!("checkedmap: CHECKEDMAP_HUNT_PLAN={path:?} {line}")]);
    assert!(!path.exists(), "it is left aside");
    for used_or_not_to_be_told in [("CHECKEDMAP_HUNT", "maps=other"), ("CHECKEDMAP_REPORT", "off")] {
        assert_eq!(lines_of(&[used_or_not_to_be_told]), [""; 0], "{used_or_not_to_be_told:?}");
    }
}

/// Every delay holds a lock that all threads want.
#[test]
fn a_program_full_of_locks_keeps_its_pace() {
    const NAME: &str = "delays::a_program_full_of_locks_keeps_its_pace";
    if is_child(NAME) {
        // How long the longest delay has taken in the end, and all of them by then.
        let lock = Mutex::new([std::time::Duration::ZERO; 2]);
        // Each map is made at one of several places, and used at another of them, so that there is always something to hunt.
        let maps = [Map::named("0"), Map::named("1"), Map::named("2"), Map::named("3")];
        let accesses: [fn(&Map); 6] = [
            |map| _ = map.insert(1, 1),
            |map| _ = map.remove(&1),
            |map| map.clear(),
            |map| map.retain(|_, _| true),
            |map| _ = map.insert(2, 2),
            |map| _ = map.len(),
        ];
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for turn in 0..200 {
                        let mut taken = lock.lock().expect("no thread panics");
                        accesses[turn % accesses.len()](&maps[turn % maps.len()]);
                        let [longest, before] = *taken;
                        let delayed = observe::hunt().expect("it is hunted").delayed;
                        *taken = [longest.max(delayed - before), delayed];
                    }
                });
            }
        });
        let hunt = observe::hunt().expect("it is hunted");
        let [longest, _] = lock.into_inner().expect("no thread panics");
        for (name, value) in [("delayed", hunt.delayed), ("elapsed", hunt.elapsed), ("longest", longest)] {
            tell(name, value.as_nanos());
        }
        tell("delays", hunt.delays);
        return tell("over budget", hunt.over_budget);
    }
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "window=60s,delay=20ms,budget=0.1")]);
    let [delays, over_budget] = ["delays", "over budget"].map(|name| ran.number(name));
    assert!(delays > 0 && over_budget > 0, "there was more to do than there was budget for: {:?}", ran.told);
    let [delayed, elapsed, longest] = ["delayed", "elapsed", "longest"].map(|name| ran.number(name));
    // A process counts as 300 ms older than it is. However late a delay wakes up, what it has taken is paid for before the
    // next begins, so that all but the last are within the budget; a nanosecond of each is lost in rounding.
    assert!(delayed <= (elapsed + 300_000_000) / 10 + longest + delays, "{:?}", ran.told);
}

/// Whether the thread that makes the access comes first or second does not matter for what comes after.
#[test]
fn a_seed_makes_the_same_choices_after_an_overlap() {
    const NAME: &str = "delays::a_seed_makes_the_same_choices_after_an_overlap";
    const OVERLAPS: &str = "CHECKEDMAP_TEST_OVERLAPS";
    if is_child(NAME) {
        let overlaps = std::env::var_os(OVERLAPS).is_some();
        let insert = |map: &Map| _ = map.insert(1, 1);
        // The thread that writes reports is there in both runs, since threads are told apart by the order of their starts.
        let other: Map = CheckedMap::builder().hunt(false).build();
        let reading = other.read();
        std::thread::scope(|scope| scope.spawn(|| other.try_clear().is_err()).join()).expect("it is refused");
        drop(reading);
        checkedmap::flush(PATIENCE).expect("the report is out");
        let [before, map] = ["before", "turns"].map(|name| CheckedMap::builder().name(name).mode(Mode::Log).build());
        std::thread::scope(|scope| {
            let (inside, is_inside) = mpsc::channel();
            let before = &before;
            let reader = scope.spawn(move || {
                let reading = before.read();
                if overlaps {
                    inside.send(()).expect("the other thread waits for it");
                    while checkedmap::books().detected == 1 {
                        std::thread::yield_now();
                    }
                }
                drop(reading);
                drop(inside);
            });
            // It is inside, or gone.
            let _ = is_inside.recv();
            insert(before);
            reader.join().expect("it does not panic");
        });
        let delays = observe::hunt().expect("it is hunted").delays;
        let made: Vec<_> = take_turns(40, || insert(&map)).into_iter().map(|made| made - delays).collect();
        tell("detected", checkedmap::books().detected);
        return tell("made", format!("{made:?}"));
    }
    let variables = [("CHECKEDMAP_HUNT", "window=60s,delay=100us,budget=1"), ("CHECKEDMAP_HUNT_SEED", "7")];
    let (apart, together) = (run(NAME, &variables), run(NAME, &[&variables[..], &[(OVERLAPS, "1")]].concat()));
    assert_eq!([&apart, &together].map(|ran| ran.number("detected")), [1, 2]);
    assert_eq!(apart.told("made"), together.told("made"));
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
