//! Forks beside accesses that are hunted.
#![cfg(unix)]
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use crate::child::{is_child, run, tell};
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

fn fork_beside_an_access(map: &Map) {
    thread::scope(|scope| {
        scope.spawn(|| {
            map.insert(1, 1);
            assert!(wait_for(&FORKING), "the handler is called");
            map.insert(1, 2);
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
        // Before the library's own handlers are there, since the last one registered is called first.
        // SAFETY: the handler lives as long as the program, and is called by a thread with nothing held.
        unsafe { libc::pthread_atfork(Some(waits_for_the_access), None, None) };
        let map = Map::named("m");
        tell("hunted", take_turns(5, || map.insert(1, 1)).last().is_some_and(|delays| *delays > 0));
        fork_beside_an_access(&map);
        return tell("stuck", STUCK.load(Ordering::SeqCst));
    }
    let ran = run(NAME, &[("CHECKEDMAP_HUNT", "window=60s,delay=100us,budget=1")]);
    assert_eq!((ran.told("hunted"), ran.told("stuck")), ("true", "false"));
}
