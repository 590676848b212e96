//! What a child of `fork` sees of the accesses its parent's threads were inside.
#![cfg(unix)]
#![allow(unsafe_code)]

use std::sync::mpsc;
use std::thread;

use checkedmap::{AccessKind, CheckedCell, Mode};

/// Runs `child` in a forked process; its answer is the exit status.
fn forked(child: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child calls `child` and ends by `_exit`, without returning into the test harness. What `child` needs of
    // the allocator, glibc keeps usable in children of threaded processes.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork failed");
    if pid == 0 {
        let well = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child)).unwrap_or(false);
        // SAFETY: ends the process at once, which is what is wanted.
        unsafe { libc::_exit(i32::from(!well)) };
    }
    let mut status = 0;
    // SAFETY: waits for the child made above; `status` outlives the call.
    let waited = unsafe { libc::waitpid(pid, &raw mut status, 0) };
    assert_eq!(waited, pid);
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}

/// Forks while another thread has `cell` lent.
fn fork_beside(cell: &CheckedCell<u32>, lent_for: AccessKind, child: impl FnOnce() -> bool) -> bool {
    let (lent, is_lent) = mpsc::channel();
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let other = scope.spawn(move || {
            let reading = (lent_for == AccessKind::Read).then(|| cell.read());
            let writing = (lent_for == AccessKind::Write).then(|| cell.write());
            lent.send(()).unwrap();
            let _ = is_done.recv();
            drop((reading, writing));
        });
        is_lent.recv().unwrap();
        let well = forked(child);
        drop(done);
        other.join().unwrap();
        well
    })
}

#[test]
fn a_guard_of_a_thread_that_did_not_come_along_holds_nothing() {
    for mode in [Mode::Panic, Mode::Log, Mode::Fallback] {
        let cell = CheckedCell::new(1);
        cell.set_mode(mode);
        assert!(fork_beside(&cell, AccessKind::Read, || {
            *cell.write() += 1;
            *cell.read() == 2
        }));
        assert!(fork_beside(&cell, AccessKind::Write, || *cell.read() == 1));
        assert!(cell.try_write().is_ok(), "the parent's guard is gone too, by its own drop");
    }
}

/// The twin: what the forking thread holds, it holds in the child as well.
#[test]
fn a_guard_of_the_forking_thread_still_holds() {
    let cell = CheckedCell::new(1);
    let guard = cell.write();
    assert!(forked(|| cell.try_read().is_err()));
    drop(guard);
    assert!(forked(|| cell.try_read().is_ok()));
}

#[test]
fn conflicts_in_the_child_are_found_and_reported() {
    let cell = CheckedCell::new(1);
    // The parent's reporter has been at work, so its thread is one that does not come along.
    let guard = cell.write();
    assert!(cell.try_read().is_err());
    drop(guard);
    assert!(forked(|| {
        let guard = cell.write();
        let refused = thread::scope(|scope| scope.spawn(|| cell.try_read().is_err()).join().unwrap());
        drop(guard);
        checkedmap::flush(std::time::Duration::from_secs(20)).is_ok() && refused && checkedmap::books().delivered == 1
    }));
}
