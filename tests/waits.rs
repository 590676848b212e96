//! Waits that cannot or should not go on: wait cycles, stuck waits, holders whose thread has ended.
//!
//! The settings of this process: waits are stuck after 20 ms, and reports are kept in memory.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Barrier, LazyLock, mpsc};
use std::thread;
use std::time::Duration;

use checkedmap::report::Report;
use checkedmap::sink::Memory;
use checkedmap::{CheckedCell, Config, ConflictKind, Mode, add_sink};

static REPORTS: LazyLock<Memory> = LazyLock::new(|| {
    Config::new().with_stuck(Duration::from_millis(20)).with_report([]).apply();
    let memory = Memory::new();
    add_sink(memory.clone());
    memory
});

const PATIENCE: Duration = Duration::from_secs(30);

fn cell(name: &'static str, mode: Mode) -> CheckedCell<u32> {
    LazyLock::force(&REPORTS);
    let cell = CheckedCell::named(name, 0);
    cell.set_mode(mode);
    cell
}

fn reports_on(name: &str) -> Vec<Report> {
    checkedmap::flush(PATIENCE).unwrap();
    REPORTS.reports().into_iter().filter(|report| report.map.name.as_deref() == Some(name)).collect()
}

fn wait_for_report(name: &str, kind: ConflictKind) -> Report {
    let deadline = std::time::Instant::now() + PATIENCE;
    while std::time::Instant::now() < deadline {
        if let Some(report) = reports_on(name).into_iter().find(|report| report.kind == kind) {
            return report;
        }
        thread::yield_now();
    }
    panic!("no {kind} report on {name}");
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic.downcast_ref::<String>().map_or("", String::as_str)
}

fn lock_in_a_circle(mode: Mode, names: [&'static str; 2]) {
    let cells = names.map(|name| cell(name, mode));
    let both_hold = Barrier::new(2);
    let outcomes = thread::scope(|scope| {
        let threads = [(0, 1), (1, 0)].map(|(first, second)| {
            let (cells, both_hold) = (&cells, &both_hold);
            scope.spawn(move || {
                catch_unwind(AssertUnwindSafe(|| {
                    let mut own = cells[first].write();
                    both_hold.wait();
                    let mut other = cells[second].write();
                    *own += 1;
                    *other += 1;
                }))
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    let panics: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert_eq!(panics.len(), 1, "one thread gives way, the other goes on");
    let text = message(&**panics[0]);
    assert!(text.contains("deadlock"), "{text}");
    assert!(text.matches("tests/waits.rs").count() >= 2, "both sides are named: {text}");
    assert_eq!(cells.map(CheckedCell::into_inner), [1, 1]);
}

#[test]
fn a_circle_of_two_in_log_mode_is_a_deadlock() {
    lock_in_a_circle(Mode::Log, ["log-left", "log-right"]);
}

#[test]
fn a_circle_of_two_in_fallback_mode_is_a_deadlock() {
    lock_in_a_circle(Mode::Fallback, ["fallback-left", "fallback-right"]);
}

/// The twin: the same order on both threads is no circle.
#[test]
fn two_threads_in_one_order_are_fine() {
    let cells = ["ordered-1", "ordered-2"].map(|name| cell(name, Mode::Log));
    let start = Barrier::new(2);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                start.wait();
                let mut first = cells[0].write();
                let mut second = cells[1].write();
                *first += 1;
                *second += 1;
            });
        }
    });
    assert_eq!(cells.map(CheckedCell::into_inner), [2, 2]);
    for name in ["ordered-1", "ordered-2"] {
        assert!(reports_on(name).iter().all(|report| report.kind != ConflictKind::Deadlock));
    }
}

#[test]
fn a_circle_of_three_is_found() {
    let cells = ["three-1", "three-2", "three-3"].map(|name| cell(name, Mode::Log));
    let all_hold = Barrier::new(3);
    let outcomes = thread::scope(|scope| {
        let threads = [0, 1, 2].map(|place| {
            let (cells, all_hold) = (&cells, &all_hold);
            scope.spawn(move || {
                catch_unwind(AssertUnwindSafe(|| {
                    let _own = cells[place].write();
                    all_hold.wait();
                    let _next = cells[(place + 1) % 3].write();
                }))
                .is_ok()
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(outcomes.iter().filter(|went_on| !**went_on).count(), 1);
}

#[test]
fn a_long_wait_is_reported_with_its_holder_and_goes_on() {
    let shared = cell("stuck", Mode::Log);
    thread::scope(|scope| {
        let holding = shared.write();
        let waiting = scope.spawn(|| *shared.write() += 1);
        let report = wait_for_report("stuck", ConflictKind::StuckWait);
        assert!(report.holder.unwrap().site.file.ends_with("waits.rs"));
        assert!(report.waited.unwrap() >= 20_000_000);
        drop(holding);
        waiting.join().unwrap();
    });
    assert_eq!(shared.into_inner(), 1);
}

#[test]
fn a_long_wait_for_a_degraded_cell_is_reported_too() {
    let shared = cell("stuck-degraded", Mode::Fallback);
    thread::scope(|scope| {
        let holding = shared.read();
        let waiting = scope.spawn(|| *shared.write() += 1);
        wait_for_report("stuck-degraded", ConflictKind::StuckWait);
        drop(holding);
        waiting.join().unwrap();
    });
    assert_eq!(shared.into_inner(), 1);
}

/// A guard that is leaked by a thread that has ended can never be dropped: nobody waits for it for ever.
#[test]
fn a_guard_leaked_by_a_thread_that_ended_is_named_in_every_mode() {
    for (mode, name) in [
        (Mode::Panic, "leaked-panic"),
        (Mode::Log, "leaked-log"),
        (Mode::Fallback, "leaked-fallback"),
    ] {
        let shared = cell(name, mode);
        thread::scope(|scope| {
            let leaker = thread::Builder::new().name("leaker".to_owned());
            leaker.spawn_scoped(scope, || std::mem::forget(shared.write())).unwrap().join().unwrap();
        });
        let conflict = shared.try_read().map(drop).unwrap_err();
        let holder = conflict.holder().unwrap();
        assert!(holder.thread.has_ended());
        assert_eq!(holder.thread.name(), Some("leaker"));
        let panic = catch_unwind(AssertUnwindSafe(|| drop(shared.read()))).unwrap_err();
        assert!(message(&*panic).contains("leaker"), "{mode}: {}", message(&*panic));
        assert!(message(&*panic).contains("ended"), "{mode}: {}", message(&*panic));
    }
}

/// The twin: a thread that ends without a guard leaves nothing behind.
#[test]
fn a_thread_that_ended_without_a_guard_is_in_nobodys_way() {
    let shared = cell("not-leaked", Mode::Panic);
    thread::scope(|scope| scope.spawn(|| *shared.write() = 1).join().unwrap());
    assert_eq!(*shared.read(), 1);
}

#[test]
fn a_leaked_guard_of_ones_own_is_reentrant() {
    let shared = cell("leaked-own", Mode::Log);
    std::mem::forget(shared.read());
    assert_eq!(shared.try_write().map(drop).unwrap_err().kind(), ConflictKind::Reentrant);
    assert!(shared.try_read().is_ok(), "reads beside a read are fine");
}

#[test]
fn a_conflict_while_panicking_waits_instead_of_aborting() {
    struct WritesAsItGoes<'a>(&'a CheckedCell<u32>, Option<mpsc::Sender<()>>);

    impl Drop for WritesAsItGoes<'_> {
        fn drop(&mut self) {
            if self.0.try_write().is_err() {
                self.1.take().unwrap().send(()).unwrap();
            }
            *self.0.write() += 1;
        }
    }

    let shared = cell("unwinding", Mode::Panic);
    let (met, has_met) = mpsc::channel();
    thread::scope(|scope| {
        let holding = shared.write();
        let unwinding = scope.spawn(|| {
            let _writes = WritesAsItGoes(&shared, Some(met));
            panic!("on its way out");
        });
        has_met.recv().unwrap();
        drop(holding);
        assert!(unwinding.join().is_err());
    });
    assert_eq!(shared.into_inner(), 1);
}

/// Thread-local destructors run after, or before, the library's own: either way the access is made and named.
#[test]
fn accesses_from_thread_local_destructors_are_made() {
    static SHARED: LazyLock<CheckedCell<u32>> = LazyLock::new(|| cell("thread-local", Mode::Panic));

    struct WritesAtTheEnd;

    impl Drop for WritesAtTheEnd {
        fn drop(&mut self) {
            *SHARED.write() += 1;
            let outer = SHARED.read();
            assert_eq!(*SHARED.read(), *outer);
        }
    }

    thread_local! {
        static EARLY: WritesAtTheEnd = const { WritesAtTheEnd };
        static LATE: WritesAtTheEnd = const { WritesAtTheEnd };
    }

    thread::spawn(|| {
        EARLY.with(|_| {});
        assert!(SHARED.try_read().is_ok());
        LATE.with(|_| {});
    })
    .join()
    .unwrap();
    assert_eq!(*SHARED.read(), 2);
}

#[test]
fn many_threads_come_and_go() {
    let shared = cell("many-threads", Mode::Panic);
    for _ in 0..2_000 {
        thread::scope(|scope| scope.spawn(|| *shared.write() += 1).join().unwrap());
    }
    assert_eq!(shared.into_inner(), 2_000);
}
