//! Incident: a scheduled batch job that overlaps with its own next run.
//!
//! The job adds interest to every account. It fires every minute, and on the day it takes 90 seconds the next run starts
//! while the last one is in the middle of the same map. Time is scaled away here: run 2 starts when run 1 is half-way.
//! Expect: run 2 panics with both stacks, run 1 finishes, each account has its interest once; then the repaired
//! scheduler, which asks with `try_write` and skips the tick, naming the run that is still at it.
//!
//! Run it: `cargo run --example batch_overlap`

use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use checkedmap::report::Outcome;
use checkedmap::sink::{Memory, add_sink};
use checkedmap::{CheckedMap, Config, Conflict, ConflictKind, Mode};

static ACCOUNTS: LazyLock<CheckedMap<u32, u64>> =
    LazyLock::new(|| CheckedMap::builder().name("accounts").mode(Mode::Panic).build());

const COUNT: u32 = 1_000;

/// The job: one per cent for everybody. `half_way` is called in the middle of the accounts.
fn add_interest(half_way: impl FnOnce()) {
    let mut half_way = Some(half_way);
    let mut accounts = ACCOUNTS.write();
    for (done, (_account, cents)) in accounts.iter_mut().enumerate() {
        *cents += *cents / 100;
        if done == COUNT as usize / 2 {
            half_way.take().expect("there is one middle")();
        }
    }
}

/// The scheduler as it should be: it does not start a job whose map is in use.
fn tick() -> Result<(), Conflict> {
    let mut accounts = ACCOUNTS.try_write()?;
    accounts.values_mut().for_each(|cents| *cents += *cents / 100);
    Ok(())
}

fn run<T: Send + 'static>(number: u32, job: impl FnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    thread::Builder::new().name(format!("run-{number}")).spawn(job).expect("one more thread")
}

fn until_detected(conflicts: u64) {
    while checkedmap::books().detected < conflicts {
        thread::yield_now();
    }
}

fn everybody_has(cents: u64) -> bool {
    ACCOUNTS.len() == COUNT as usize && ACCOUNTS.read().values().all(|balance| *balance == cents)
}

fn main() {
    // Run 1 goes on as soon as run 2 is refused, so its stack comes; the wait for it may be as long as it takes.
    Config::from_env().unwrap_or_default().with_evidence(Duration::from_secs(60)).apply();
    let reports = Memory::new();
    add_sink(reports.clone());
    ACCOUNTS.extend((0..COUNT).map(|account| (account, 10_000)));

    println!("1. Run 2 fires while run 1 is half-way through the accounts.\n");
    let first = run(1, || {
        let mut second = None;
        add_interest(|| {
            second = Some(run(2, || add_interest(|| ())));
            until_detected(1);
        });
        second.expect("run 1 has passed the middle").join()
    });
    let panic = first.join().expect("run 1 is not disturbed").expect_err("run 2 is refused");
    let message = panic.downcast_ref::<String>().expect("the panic's message is the report");

    checkedmap::flush(Duration::from_secs(60)).expect("the report gets out");
    let report = &reports.reports()[0];
    let holder = report.holder.as_ref().expect("run 1 is named");
    assert_eq!((report.kind, report.outcome), (ConflictKind::WriteWrite, Outcome::Panicked));
    assert_eq!(
        (holder.thread.name.as_deref(), report.contender.thread.name.as_deref()),
        (Some("run-1"), Some("run-2"))
    );
    for side in [holder, &report.contender] {
        assert!(side.stack.to_string().contains("add_interest at "), "{report}");
    }
    assert!(message.contains("run-1") && message.contains("run-2"), "{message}");
    assert!(everybody_has(10_100), "interest once, not twice");
    println!("\nRun 1 has finished; each account has its interest once: 10 000 -> 10 100 cents.\n");

    println!("2. The scheduler asks first.\n");
    let third = run(3, || {
        let mut skipped = None;
        add_interest(|| skipped = Some(run(4, tick).join()));
        skipped.expect("run 3 has passed the middle")
    });
    let conflict = third.join().expect("run 3 is not disturbed").expect("run 4 does not panic").expect_err("skipped");
    checkedmap::flush(Duration::from_secs(60)).expect("the report gets out");
    println!("\nrun-4 skips this tick: {conflict}");
    assert_eq!(conflict.holder().and_then(|holder| holder.thread.name()), Some("run-3"));
    assert!(everybody_has(10_201), "interest once more");
    assert_eq!(run(5, tick).join().expect("no panic").ok(), Some(()), "alone, a tick goes through");
    println!("\nRun 5, alone, goes through.");
}
