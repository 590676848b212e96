//! Forks beside accesses that are hunted.
#![cfg(unix)]
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::child::{PlanPath, is_child, run, tell, text};
use crate::programs::{Map, PATIENCE, take_turns};

/// A fork is under way.
static FORKING: AtomicBool = AtomicBool::new(false);
/// The access that the handler waits for has been made.
static THROUGH: AtomicBool = AtomicBool::new(false);
/// The handler has waited for it in vain.
static STUCK: AtomicBool = AtomicBool::new(false);

fn wait_for(flag: &AtomicBool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while !flag.load(Ordering::SeqCst) && Instant::now() < deadline {
        thread::yield_now();
    }
    flag.load(Ordering::SeqCst)
}

/// As the handlers of allocators and loggers do, which lock what other threads hold around their accesses.
extern "C" fn waits_for_the_access() {
    FORKING.store(true, Ordering::SeqCst);
    STUCK.store(!wait_for(&THROUGH), Ordering::SeqCst);
}

/// Registers the handler before the library's own are there, since the last one registered is called first.
fn make_forks_wait() {
    // SAFETY: the handler lives as long as the program, and is called by a thread with nothing held.
    unsafe { libc::pthread_atfork(Some(waits_for_the_access), None, None) };
}

/// Forks while another thread makes the access.
fn fork_beside(access: impl FnOnce() + Send) {
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(wait_for(&FORKING), "the handler is called");
            access();
            THROUGH.store(true, Ordering::SeqCst);
        });
        // SAFETY: the child ends at once.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: ends the process at once, which is what is wanted.
            unsafe { libc::_exit(0) };
        }
        // SAFETY: waits for the child made above, and writes nothing.
        unsafe { libc::waitpid(child, std::ptr::null_mut(), 0) };
    });
}

#[test]
fn a_hunted_access_does_not_wait_for_a_fork_whose_handler_waits_for_it() {
    const NAME: &str = "forking::a_hunted_access_does_not_wait_for_a_fork_whose_handler_waits_for_it";
    if is_child(NAME) {
        make_forks_wait();
        let map = Map::named("m");
        tell("hunted", take_turns(5, || map.insert(1, 1)).last().is_some_and(|delays| *delays > 0));
        map.insert(1, 1);
        fork_beside(|| _ = map.insert(1, 2));
        return tell("stuck", STUCK.load(Ordering::SeqCst));
    }
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "window=60s,delay=100us,budget=1")]);
    assert_eq!((ran.told("hunted"), ran.told("stuck")), ("true", "false"));
}

#[test]
fn a_refused_access_does_not_wait_for_a_fork_whose_handler_waits_for_it_and_its_find_is_kept() {
    const NAME: &str =
        "forking::a_refused_access_does_not_wait_for_a_fork_whose_handler_waits_for_it_and_its_find_is_kept";
    if is_child(NAME) {
        make_forks_wait();
        let map = Map::named("m");
        // Both sides are where they will be when the fork comes, so that it is the hunt alone that could wait for it.
        let insert = || map.try_insert(1, 1).is_err();
        let reading = map.read();
        tell("refused", thread::scope(|scope| scope.spawn(insert).join()).expect("a `try_` access does not panic"));
        drop(reading);
        let reading = map.read();
        fork_beside(|| tell("refused-meanwhile", map.try_remove(&1).is_err()));
        drop(reading);
        return tell("stuck", STUCK.load(Ordering::SeqCst));
    }
    let plan = PlanPath::new();
    let path = plan.path();
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "1"), ("CHECKEDMAP_HUNT_PLAN", text(&path))]);
    assert_eq!(["refused", "refused-meanwhile", "stuck"].map(|name| ran.told(name)), ["true", "true", "false"]);
    assert!(plan.text().contains("\tremove\t"), "{}", plan.text());
    assert_eq!(plan.count("known"), 2, "{}", plan.text());
}

/// How far apart two accesses are whose delay is to be met: it is twice as long.
const APART: Duration = Duration::from_millis(100);

/// Forks while another thread's insert is delayed. What the child says in the end.
#[cfg(target_os = "linux")]
fn fork_beside_a_delay(map: &Map, child: impl FnOnce() -> i32) -> i32 {
    let insert = || map.insert(1, 1);
    let longest = || checkedmap::observe::hunt().expect("it is hunted").longest;
    insert();
    // So far apart that the delay is long enough to meet: twice as much.
    thread::sleep(APART);
    thread::scope(|scope| {
        let (told, telling) = mpsc::channel();
        scope.spawn(move || {
            // SAFETY: takes nothing, and returns a number.
            told.send(unsafe { libc::gettid() }).expect("the test waits for it");
            insert()
        });
        let status = format!("/proc/self/task/{}/stat", telling.recv().expect("it begins"));
        let sleeps = || std::fs::read_to_string(&status).is_ok_and(|status| status.contains(") S "));
        let deadline = Instant::now() + PATIENCE;
        while !(longest() >= APART && sleeps()) && Instant::now() < deadline {
            thread::yield_now();
        }
        // SAFETY: the child calls `child` and ends without returning into the test harness.
        let forked = unsafe { libc::fork() };
        if forked == 0 {
            let code = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child)).unwrap_or(101);
            // SAFETY: runs what the program has left to be done at its end, as the child of a server does.
            unsafe { libc::exit(code) };
        }
        let mut status = 0;
        // SAFETY: waits for the child made above; `status` outlives the call.
        unsafe { libc::waitpid(forked, &raw mut status, 0) };
        map.set_hunt(false);
        if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -1 }
    })
}

#[cfg(target_os = "linux")]
#[test]
fn a_map_whose_access_is_delayed_is_the_childs_to_use_and_the_parents_delays_are_not_its_own() {
    const NAME: &str =
        "forking::a_map_whose_access_is_delayed_is_the_childs_to_use_and_the_parents_delays_are_not_its_own";
    if is_child(NAME) {
        let (map, before) = (Map::named("m"), Map::named("before"));
        take_turns(1, || before.insert(1, 1));
        tell("hunted", checkedmap::observe::hunt().is_some_and(|hunt| hunt.delays > 0));
        let code = fork_beside_a_delay(&map, || {
            let hunt = checkedmap::observe::hunt().expect("it is hunted");
            // It has none of its own to sum up.
            map.set_hunt(false);
            map.insert(2, 2);
            i32::from(map.remove(&2) != Some(2) || hunt.delays > 0 || hunt.delayed > Duration::ZERO)
        });
        return tell("code", code);
    }
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "window=60s,delay=60s,budget=1")]);
    assert_eq!((ran.told("hunted"), ran.told("code")), ("true", "0"), "{:?}\n{}", ran.told, ran.stderr);
    assert_eq!(ran.stderr.matches("checkedmap: hunt with ").count(), 1, "each sums up its own: {}", ran.stderr);
}

#[test]
fn a_program_that_exits_during_a_delay_exits_and_leaves_its_plan() {
    const NAME: &str = "forking::a_program_that_exits_during_a_delay_exits_and_leaves_its_plan";
    if is_child(NAME) {
        let map: &'static Map = Box::leak(Box::new(Map::named("m")));
        let insert = || map.insert(1, 1);
        insert();
        thread::sleep(APART);
        thread::spawn(insert);
        let longest = || checkedmap::observe::hunt().expect("it is hunted").longest;
        let deadline = Instant::now() + PATIENCE;
        while longest() == Duration::ZERO && Instant::now() < deadline {
            thread::yield_now();
        }
        std::process::exit(3);
    }
    let plan = PlanPath::new();
    let path = plan.path();
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "window=60s,delay=60s,budget=1"), ("CHECKEDMAP_HUNT_PLAN", text(&path))]);
    assert_eq!((ran.code, plan.count("candidate")), (Some(3), 1), "{}", ran.stderr);
}
