//! What a run leaves to the next.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use checkedmap::observe::{PairState, SharedPair};
use checkedmap::report::StackTrace;
use checkedmap::sink::Memory;
use checkedmap::{CheckedMap, Config, Hunt, Mode, add_sink, observe};

use crate::child::{PlanPath, Ran, is_child, run, tell, text};
use crate::programs::{Map, PATIENCE, take_turns};

const PHASE: &str = "CHECKEDMAP_TEST_PHASE";

fn run_with(name: &str, plan: &PlanPath, more: &[(&str, &str)]) -> Ran {
    let path = plan.path();
    let variables = [("CHECKEDMAP_HUNT", "window=60s,delay=10ms"), ("CHECKEDMAP_HUNT_PLAN", text(&path))];
    run(name, &[&variables, more].concat())
}

/// The only access of its thread.
fn insert(map: &Map) {
    map.insert(1, 1);
}

/// The bug: two threads, one write each. Here the second one begins when the first has ended.
fn apart(map: &Map) {
    for _ in 0..2 {
        thread::scope(|scope| scope.spawn(|| insert(map)).join()).expect("nobody else is inside");
    }
}

/// Here another thread looks for the first one inside, in as many rounds as it takes.
fn together(map: &Map) {
    let memory = Memory::new();
    add_sink(memory.clone());
    let deadline = Instant::now() + PATIENCE;
    while checkedmap::books().detected == 0 && Instant::now() < deadline {
        thread::scope(|scope| {
            let inserting = scope.spawn(|| insert(map));
            // Only `try_` accesses, which are not delayed.
            while !inserting.is_finished() {
                let _ = map.try_insert(1, 2);
            }
        });
    }
    checkedmap::flush(PATIENCE).expect("the reports are out");
    let reports = memory.reports();
    let report = reports.first().expect("the two have met");
    tell("seed", report.hunt_seed.expect("the hunt has one"));
    tell("seed-in-text", report.to_string().contains("CHECKEDMAP_HUNT_SEED=7 "));
    let holder = report.holder.as_ref().expect("the holder is named");
    tell("stacks", [holder, &report.contender].iter().all(|side| matches!(side.stack, StackTrace::Taken { .. })));
}

#[test]
fn a_conflict_is_reported_with_both_stacks_and_the_seed_and_the_plan_knows_it() {
    const NAME: &str = "plan::a_conflict_is_reported_with_both_stacks_and_the_seed_and_the_plan_knows_it";
    if is_child(NAME) {
        return together(&CheckedMap::builder().name("planned").mode(Mode::Log).build());
    }
    let plan = PlanPath::new();
    let ran = run_with(NAME, &plan, &[("CHECKEDMAP_HUNT_SEED", "7"), ("CHECKEDMAP_EVIDENCE_MS", "30000")]);
    assert_eq!(["seed", "seed-in-text", "stacks"].map(|name| ran.told(name)), ["7", "true", "true"]);
    assert!(plan.count("known") > 0, "{}", plan.text());
}

#[test]
fn the_second_run_stays_where_the_first_would_have_had_to() {
    const NAME: &str = "plan::the_second_run_stays_where_the_first_would_have_had_to";
    if is_child(NAME) {
        let map = Map::named("planned");
        thread::scope(|scope| scope.spawn(|| insert(&map)).join()).expect("nobody else is inside");
        tell("delays", observe::hunt().expect("it is hunted").delays);
        return apart(&map);
    }
    let plan = PlanPath::new();
    assert_eq!(run_with(NAME, &plan, &[]).number("delays"), 0, "nothing is known yet");
    assert_eq!((plan.count("candidate"), plan.count("known")), (1, 0), "{}", plan.text());
    assert_eq!(run_with(NAME, &plan, &[]).number("delays"), 1, "it is the first access of the process");
}

#[test]
fn what_is_known_is_kept_and_not_hunted() {
    const NAME: &str = "plan::what_is_known_is_kept_and_not_hunted";
    if is_child(NAME) {
        let map: Map = CheckedMap::builder().name("planned").mode(Mode::Log).build();
        if std::env::var_os(PHASE).is_some() {
            return apart(&map);
        }
        let made = take_turns(20, || insert(&map));
        return tell("delays", made[made.len() - 1]);
    }
    let plan = PlanPath::new();
    let path = plan.path();
    let variables = [("CHECKEDMAP_HUNT", "delay=100us"), ("CHECKEDMAP_HUNT_PLAN", text(&path))];
    assert!(run(NAME, &variables).number("delays") > 0, "as long as it is not known");
    std::fs::remove_file(&path).ok();

    run_with(NAME, &plan, &[(PHASE, "apart")]);
    let known = plan.text().replace("candidate\t", "known\t");
    std::fs::write(&path, &known).expect("it is written");
    assert!(plan.count("known") > 0, "{known}");
    assert_eq!(run(NAME, &variables).number("delays"), 0);
    assert_eq!(plan.text(), known, "it is kept");
}

fn wait_for_the_plan() {
    wait_for(std::env::var_os("CHECKEDMAP_HUNT_PLAN").expect("the test has set it").as_ref());
}

/// Returns once the plan is on disk.
fn wait_for(path: &Path) {
    let deadline = Instant::now() + PATIENCE;
    while !path.exists() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn one_thread_saves_whatever_plan_is_in_force() {
    const NAME: &str = "plan::one_thread_saves_whatever_plan_is_in_force";
    if is_child(NAME) {
        let directory = tempfile::tempdir().expect("a directory");
        let config = |plan: &Path| Config::new().with_hunt(Hunt::new()).with_hunt_plan(plan.to_owned());
        let plans = ["a", "b", "c"].map(|name| directory.path().join(name));
        // Each made at a place of its own, so that there is something new to say.
        let maps = [Map::named("a"), Map::named("b"), Map::named("c")];
        for (plan, map) in plans.iter().zip(&maps) {
            config(plan).apply();
            apart(map);
            wait_for(plan);
        }
        tell("written", plans.iter().filter(|plan| plan.exists()).count());
        let threads = std::fs::read_dir("/proc/self/task").expect("it lists");
        let names = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("comm")).ok());
        tell("savers", names.filter(|name| name.trim() == "checkedmap-hunt").count());
        std::fs::write(&plans[2], "nonsense").expect("it is written");
        return config(&plans[2]).apply();
    }
    let ran = run(NAME, &[]);
    assert_eq!((ran.number("written"), ran.number("savers")), (3, 1), "{}", ran.stderr);
    assert!(!ran.stderr.contains("leaves the file alone"), "nothing has changed, so nothing is read: {}", ran.stderr);
}

/// Two threads that always take turns: a near miss each time, and never an overlap.
fn hunt_in_vain_until(map: &Map, enough: impl Fn(&SharedPair) -> bool) {
    apart(map);
    wait_for_the_plan();
    let deadline = Instant::now() + PATIENCE;
    while !observe::shared_pairs().pairs.iter().any(&enough) && Instant::now() < deadline {
        take_turns(5, || insert(map));
    }
}

#[test]
fn what_one_run_has_given_up_is_not_delayed_for_the_plan_in_the_next() {
    const NAME: &str = "plan::what_one_run_has_given_up_is_not_delayed_for_the_plan_in_the_next";
    if is_child(NAME) {
        let map = Map::named("planned");
        if std::env::var_os(PHASE).is_some() {
            hunt_in_vain_until(&map, |pair| pair.state == PairState::GivenUp);
            return tell("given-up", observe::shared_pairs().pairs[0].state == PairState::GivenUp);
        }
        thread::scope(|scope| scope.spawn(|| insert(&map)).join()).expect("nobody else is inside");
        return tell("delays", observe::hunt().expect("it is hunted").delays);
    }
    let plan = PlanPath::new();
    let path = plan.path();
    let variables = [("CHECKEDMAP_HUNT", "window=60s,delay=100us,budget=1"), ("CHECKEDMAP_HUNT_PLAN", text(&path))];
    let first = run(NAME, &[&variables[..], &[(PHASE, "give up")]].concat());
    assert_eq!(first.told("given-up"), "true", "{}", first.stderr);
    assert_eq!((plan.count("candidate"), plan.count("known")), (0, 0), "{}", plan.text());
    assert_eq!(run(NAME, &variables).number("delays"), 0, "{}", plan.text());
}

#[test]
fn the_next_run_begins_with_the_delay_that_the_last_one_has_come_to() {
    const NAME: &str = "plan::the_next_run_begins_with_the_delay_that_the_last_one_has_come_to";
    if is_child(NAME) {
        return hunt_in_vain_until(&Map::named("planned"), |pair| pair.delays > 0);
    }
    let plan = PlanPath::new();
    assert_eq!(run_with(NAME, &plan, &[]).code, Some(0));
    let (text, delay) = (plan.text(), plan.first_delay());
    std::fs::write(plan.path(), text.replace(&format!("candidate\t{delay}\t"), "candidate\t1000000\t"))
        .expect("it is written");
    assert_eq!(plan.first_delay(), 1_000_000, "{}", plan.text());
    // Nothing else is news in this run: the pair is in the plan already.
    assert_eq!(run_with(NAME, &plan, &[]).code, Some(0));
    assert!(plan.first_delay() >= 2_000_000, "{}", plan.text());
}

/// Ends the process in a way of its own, right after a near miss.
fn near_miss_and(end: fn()) {
    let map = Map::named("planned");
    apart(&map);
    end();
}

#[test]
fn a_program_that_exits_leaves_its_plan() {
    const NAME: &str = "plan::a_program_that_exits_leaves_its_plan";
    if is_child(NAME) {
        near_miss_and(|| std::process::exit(3));
    }
    let plan = PlanPath::new();
    assert_eq!(run_with(NAME, &plan, &[]).code, Some(3));
    assert_eq!(plan.count("candidate"), 1, "{}", plan.text());
}

#[test]
fn a_program_that_a_conflict_aborts_leaves_its_plan() {
    const NAME: &str = "plan::a_program_that_a_conflict_aborts_leaves_its_plan";
    if is_child(NAME) {
        let map: Map = CheckedMap::builder().name("planned").mode(Mode::Abort).build();
        let _reading = map.read();
        thread::scope(|scope| scope.spawn(|| insert(&map)).join()).expect("the process is gone by now");
    }
    let plan = PlanPath::new();
    // With nothing to say the process is gone at once, before the plan would be written anyway.
    let quick = [("CHECKEDMAP_REPORT", "off"), ("CHECKEDMAP_BACKTRACE", "off")];
    let ran = run_with(NAME, &plan, &quick);
    assert!(ran.stderr.contains("aborting the process"), "{}", ran.stderr);
    assert_eq!(plan.count("known"), 1, "{}", plan.text());
}

/// The plan is on disk soon after something was learnt.
#[cfg(unix)]
#[test]
#[allow(unsafe_code)]
fn a_program_that_is_killed_has_left_its_plan() {
    const NAME: &str = "plan::a_program_that_is_killed_has_left_its_plan";
    if is_child(NAME) {
        apart(&Map::named("planned"));
        wait_for_the_plan();
        // SAFETY: it ends this process and touches no memory.
        unsafe { libc::raise(libc::SIGKILL) };
    }
    let plan = PlanPath::new();
    assert_eq!(run_with(NAME, &plan, &[]).code, None);
    assert_eq!(plan.count("candidate"), 1, "{}", plan.text());
}

#[test]
fn a_file_that_is_no_plan_is_named_and_left_alone() {
    const NAME: &str = "plan::a_file_that_is_no_plan_is_named_and_left_alone";
    if is_child(NAME) {
        return near_miss_and(|| ());
    }
    let plan = PlanPath::new();
    std::fs::write(plan.path(), "checkedmap hunt plan 1\nnonsense\n").expect("it is written");
    let ran = run_with(NAME, &plan, &[]);
    assert_eq!(ran.code, Some(0));
    for part in ["CHECKEDMAP_HUNT_PLAN", "line 2: fewer columns", "leaves the file alone"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    assert_eq!(plan.text(), "checkedmap hunt plan 1\nnonsense\n");
}

#[test]
fn processes_that_write_one_plan_at_the_same_time_are_all_heard() {
    const NAME: &str = "plan::processes_that_write_one_plan_at_the_same_time_are_all_heard";
    const ACCESSES: [fn(&Map); 4] =
        [|map| _ = map.insert(1, 1), |map| _ = map.remove(&1), |map| map.clear(), |map| map.retain(|_, _| true)];
    if is_child(NAME) {
        let which = std::env::var(PHASE).expect("the test has set it").parse::<usize>().expect("it is a number");
        let map = Map::named("planned");
        return (0..2).for_each(|_| thread::scope(|scope| _ = scope.spawn(|| ACCESSES[which](&map)).join()));
    }
    let plan = PlanPath::new();
    thread::scope(|scope| {
        for which in ["0", "1", "2", "3"] {
            let plan = &plan;
            scope.spawn(move || assert_eq!(run_with(NAME, plan, &[(PHASE, which)]).code, Some(0)));
        }
    });
    assert_eq!(plan.count("candidate"), ACCESSES.len(), "{}", plan.text());
}
