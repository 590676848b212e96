//! Stale checks and `fork`: the table of a map is whole and unlocked in the child, and what was left out for a fork's sake
//! makes no suspect.
//!
//! In a process of its own for each test: fork handlers stay for good, and so does the allocator, which holds one thread where
//! it has the table locked.
#![cfg(unix)]
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use checkedmap::{CheckedMap, Config, StaleChecks, stale};

/// Only a test that fails waits this long.
const LONG: Duration = Duration::from_secs(60);
/// How long the thread that has the table locked waits for a fork that is not made before it is through.
const WHILE: Duration = Duration::from_millis(300);

/// So many keys have the table grow, which it does under its lock, and nothing else that a lookup does takes so much.
const KEYS: u64 = 500;
const GROWTH: usize = 16 << 10;

thread_local! {
    static IS_TO_STOP: Cell<bool> = const { Cell::new(false) };
}
static HAS_STOPPED: AtomicBool = AtomicBool::new(false);
static FORKED: AtomicBool = AtomicBool::new(false);

struct Stopping;

// SAFETY: hands everything on to the system's allocator.
unsafe impl GlobalAlloc for Stopping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() >= GROWTH && IS_TO_STOP.try_with(|stop| stop.replace(false)).unwrap_or(false) {
            HAS_STOPPED.store(true, Ordering::SeqCst);
            wait_for(&FORKED, WHILE);
        }
        // SAFETY: by this function's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: by this function's contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Stopping = Stopping;

fn wait_for(flag: &AtomicBool, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while !flag.load(Ordering::SeqCst) && Instant::now() < deadline {
        thread::yield_now();
    }
    flag.load(Ordering::SeqCst)
}

fn watched() -> CheckedMap<u64, &'static str> {
    Config::new().with_stale_checks(StaleChecks::new().with_window(LONG * 60)).with_report([]).apply();
    CheckedMap::named("forked")
}

fn elsewhere<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(work).join()).expect("no panic elsewhere")
}

/// Forks, and says whether `child` came to its end there and was content.
fn forked(child: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child calls `child` and ends by `_exit`. What `child` needs of the allocator, glibc keeps usable.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork failed");
    FORKED.store(true, Ordering::SeqCst);
    if pid == 0 {
        // A child that waits for a lock for ever is ended.
        // SAFETY: has no memory to do with.
        unsafe { libc::alarm(20) };
        let well = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child)).unwrap_or(false);
        // SAFETY: ends the process at once, which is what is wanted.
        unsafe { libc::_exit(i32::from(!well)) };
    }
    let mut status = 0;
    // SAFETY: waits for the child made above; `status` outlives the call.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}

/// Runs the rest of the test in a process of its own: `true` there.
fn is_alone(test: &str) -> bool {
    const ALONE: &str = "CHECKEDMAP_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut command = Command::new(std::env::current_exe().expect("the test has a file"));
    let output = command.args(["--exact", test, "--nocapture"]).env(ALONE, "1").output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    false
}

/// Whether the interleaving is found out of which one update is lost.
fn finds_a_lost_update(map: &CheckedMap<u64, &'static str>, key: u64) -> bool {
    let before = stale::books().detected;
    assert!(!map.contains_key(&key));
    elsewhere(|| map.insert(key, "theirs"));
    map.insert(key, "ours");
    stale::books().detected == before + 1
}

#[test]
fn a_fork_beside_an_access_that_has_the_table_locked_leaves_the_child_with_all_of_it() {
    if !is_alone("a_fork_beside_an_access_that_has_the_table_locked_leaves_the_child_with_all_of_it") {
        return;
    }
    let map = watched();
    thread::scope(|scope| {
        scope.spawn(|| {
            IS_TO_STOP.set(true);
            (100..100 + KEYS).for_each(|key| assert!(!map.contains_key(&key)));
            assert!(!IS_TO_STOP.get(), "it was not stopped");
        });
        assert!(wait_for(&HAS_STOPPED, LONG));
        assert!(forked(|| finds_a_lost_update(&map, 7)), "the child");
    });
    assert!(finds_a_lost_update(&map, 8), "the parent");
}

/// An access is to be made.
static FORKING: AtomicBool = AtomicBool::new(false);
/// It has been made.
static THROUGH: AtomicBool = AtomicBool::new(false);
/// The handler has waited for it in vain.
static STUCK: AtomicBool = AtomicBool::new(false);

/// As the handlers of allocators and loggers do, which lock what other threads hold around their accesses.
extern "C" fn waits_for_the_access() {
    FORKING.store(true, Ordering::SeqCst);
    STUCK.store(!wait_for(&THROUGH, LONG), Ordering::SeqCst);
}

#[test]
fn a_lookup_that_is_left_out_for_a_fork_makes_the_one_before_it_no_suspect() {
    if !is_alone("a_lookup_that_is_left_out_for_a_fork_makes_the_one_before_it_no_suspect") {
        return;
    }
    // Before the library's own handlers are there, since the last one registered is called first.
    // SAFETY: the handler lives as long as the program, and is called by a thread with nothing held.
    unsafe { libc::pthread_atfork(Some(waits_for_the_access), None, None) };
    let map = watched();
    map.extend([(7, "first"), (9, "first")]);
    let left_out = stale::evicted();
    thread::scope(|scope| {
        let (looked, has_looked) = std::sync::mpsc::channel();
        let (go, may_go) = std::sync::mpsc::channel();
        let other = scope.spawn({
            let map = &map;
            move || {
                assert_eq!(map.iter().count(), 2);
                assert_eq!(map.get(&7).map(|value| *value), Some("first"));
                looked.send(()).unwrap();
                assert!(wait_for(&FORKING, LONG), "the handler is called");
                assert_eq!(map.get(&7).map(|value| *value), Some("second"));
                THROUGH.store(true, Ordering::SeqCst);
                may_go.recv().unwrap();
                map.insert(7, "third");
                // It was shown by the walk, and that was before what is left out.
                assert_eq!(map.remove(&9), Some("second"));
            }
        });
        has_looked.recv().unwrap();
        map.insert(7, "second");
        map.insert(9, "second");
        assert!(forked(|| true));
        go.send(()).unwrap();
        other.join().unwrap();
    });
    assert!(!STUCK.load(Ordering::SeqCst), "the access has waited for the fork");
    assert_eq!(stale::evicted() - left_out, 1, "one lookup is not remembered");
    assert_eq!(stale::books().detected, 0, "who looked again has seen it");
    assert!(finds_a_lost_update(&map, 8), "what comes afterwards is found");
}
