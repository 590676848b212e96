//! The threads of the library's own are none of the program's business.
#![cfg(target_os = "linux")]
#![allow(unsafe_code)]

use std::path::Path;
use std::thread;

use checkedmap::observe;

use crate::child::{PlanPath, is_child, run, tell, text};
use crate::programs::Map;

/// Runs `program` in a process that has one thread, which a test's process may not be. Whether it says so, in the end.
fn with_one_thread(program: impl FnOnce() -> bool) -> bool {
    // SAFETY: the library has not been used yet; the child calls `program` and ends without returning into the test harness.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let well = program();
        // SAFETY: ends the process at once, which is what is wanted.
        unsafe { libc::_exit(i32::from(!well)) };
    }
    let mut status = 0;
    // SAFETY: waits for the child made above; `status` outlives the call.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    waited == child && libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("it lists").count()
}

fn insert(map: &Map) {
    map.insert(1, 1);
}

#[test]
fn a_process_with_one_thread_is_not_delayed_for_its_plan() {
    const NAME: &str = "helpers::a_process_with_one_thread_is_not_delayed_for_its_plan";
    const PHASE: &str = "CHECKEDMAP_TEST_PHASE";
    if is_child(NAME) {
        let map = || Map::named("m");
        let delays = || observe::hunt().expect("it is hunted").delays;
        let Some(phase) = std::env::var_os(PHASE) else {
            let map = map();
            return (0..2).for_each(|_| thread::scope(|scope| _ = scope.spawn(|| insert(&map)).join()));
        };
        let well = with_one_thread(|| {
            let other = (phase == "two").then(|| thread::spawn(thread::park));
            insert(&map());
            let helped = threads() == 2 + usize::from(other.is_some());
            helped && delays() == u64::from(other.is_some())
        });
        return tell("well", well);
    }
    let plan = PlanPath::new();
    let path = plan.path();
    let variables = [("CHECKEDMAP_HUNT", "window=60s,delay=1ms,budget=1"), ("CHECKEDMAP_HUNT_PLAN", text(&path))];
    run(NAME, &variables);
    let planned = plan.text();
    assert_eq!(plan.count("candidate"), 1, "{planned}");
    for phase in ["one", "two"] {
        std::fs::write(&path, &planned).expect("it is written");
        let ran = run(NAME, &[&variables[..], &[(PHASE, phase)]].concat());
        assert_eq!(ran.told("well"), "true", "with {phase}: {}", ran.stderr);
    }
}

/// As programs do that wait for their signals on a thread of their own.
#[test]
fn a_signal_that_the_program_blocks_is_the_programs() {
    const NAME: &str = "helpers::a_signal_that_the_program_blocks_is_the_programs";
    if is_child(NAME) {
        let well = with_one_thread(|| {
            insert(&Map::named("m"));
            let helped = threads() == 2;
            // SAFETY: a plain structure, for which zeros are an empty set.
            let mut signals: libc::sigset_t = unsafe { std::mem::zeroed() };
            // SAFETY: the set is ours to write.
            unsafe { libc::sigaddset(&raw mut signals, libc::SIGTERM) };
            // SAFETY: the set outlives the call, and the old one is not asked for.
            unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const signals, std::ptr::null_mut()) };
            // SAFETY: it sends a signal, which this thread blocks.
            unsafe { libc::kill(std::process::id().cast_signed(), libc::SIGTERM) };
            let mut came = 0;
            // SAFETY: the set and `came` outlive the call.
            unsafe { libc::sigwait(&raw const signals, &raw mut came) };
            helped && came == libc::SIGTERM
        });
        return tell("well", well);
    }
    let plan = PlanPath::new();
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "1"), ("CHECKEDMAP_HUNT_PLAN", text(&plan.path()))]);
    assert_eq!(ran.told("well"), "true", "{}", ran.stderr);
}

#[test]
fn a_plan_without_a_hunt_is_left_aside() {
    const NAME: &str = "helpers::a_plan_without_a_hunt_is_left_aside";
    if is_child(NAME) {
        let well = with_one_thread(|| {
            insert(&Map::named("m"));
            threads() == 1
        });
        return tell("well", well);
    }
    let ran = run(NAME, &[("CHECKEDMAP_HUNT_PLAN", text(Path::new("/dev/null")))]);
    assert_eq!((ran.told("well"), ran.stderr.contains("HUNT_PLAN")), ("true", false), "{}", ran.stderr);
}
