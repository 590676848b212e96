//! Delivery over HTTP: to a collector that is well, away, slow, and back.
//!
//! The library's sinks are the process's, so the tests take turns.

mod common;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::time::{Duration, Instant};

use checkedmap::{CheckedMap, Config, Mode};
use checkedmap_otel::names::metric;
use checkedmap_otel::{Accounts, Guard};
use common::collector::{Collector, text};
use common::{PATIENCE, collide, until};

fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    Config::new().with_report([]).apply();
    turn
}

fn install(collector: &Collector, timeout: Duration) -> Guard {
    checkedmap_otel::builder().with_otlp(collector.endpoint(), timeout).with_bound(PATIENCE).install().unwrap()
}

fn map(name: &str) -> CheckedMap<u32, u32> {
    CheckedMap::builder().name(name.to_owned()).mode(Mode::Log).build()
}

#[test]
fn a_collector_that_is_well_gets_all_three_signals() {
    let _turn = turn();
    let collector = Collector::start();
    let telemetry = install(&collector, PATIENCE);
    let well = map("well");
    collide(&well);
    assert!(telemetry.flush());

    let received = collector.received();
    let [root] = &received.conflicts_on("well")[..] else { panic!("one conflict: {received:#?}") };
    let children: Vec<_> = received.spans.iter().filter(|span| span.parent_span_id == root.span_id).collect();
    let mut names: Vec<_> = children.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["checkedmap.insert", "checkedmap.read"]);
    for side in children {
        assert!(text(&side.attributes, "code.stacktrace").unwrap().contains("tests/common/mod.rs"));
        assert!(side.start_time_unix_nano < side.end_time_unix_nano);
    }
    assert!(received.records.iter().any(|record| record.trace_id == root.trace_id && record.span_id == root.span_id));
    let report = text(&root.attributes, "checkedmap.report.number").unwrap().parse().unwrap();
    let hexadecimal: String = root.trace_id.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(telemetry.trace_id(report), Some(hexadecimal));
    for name in metric::ALL {
        let exported = received.metrics.iter().any(|metric| metric.name == *name);
        assert_eq!(exported, !metric::ON_REQUEST.contains(name), "{name}");
    }
    let accounts = telemetry.finish();
    assert_eq!(accounts, taken_and_sent(1));
}

/// Everything taken has arrived, and nothing else happened.
fn taken_and_sent(taken: u64) -> Accounts {
    let mut accounts = Accounts::default();
    (accounts.taken, accounts.sent) = (taken, taken);
    accounts
}

#[test]
fn what_a_collector_missed_it_gets_when_it_is_back() {
    let _turn = turn();
    let collector = Collector::start();
    let address = collector.address;
    let telemetry = install(&collector, PATIENCE);
    drop(collector);
    let names = ["away-1", "away-2", "away-3"];
    for name in names {
        collide(&map(name));
    }
    assert!(!telemetry.flush(), "nobody is there");
    let accounts = telemetry.accounts();
    assert_eq!((accounts.taken, accounts.sent, accounts.pending), (3, 0, 3), "{accounts}");

    let mut back = None;
    until("the port", || {
        back = std::panic::catch_unwind(|| Collector::start_at(address)).ok();
        back.is_some()
    });
    let collector = back.unwrap();
    until("the reports", || telemetry.flush());
    assert_eq!(telemetry.accounts(), taken_and_sent(3));
    for name in names {
        let traces: HashSet<_> =
            collector.received().conflicts_on(name).into_iter().map(|root| root.trace_id).collect();
        assert_eq!(traces.len(), 1, "{name}");
    }
    telemetry.finish();
}

#[test]
fn a_collector_that_refuses_is_asked_again() {
    let _turn = turn();
    let collector = Collector::start();
    let telemetry = install(&collector, PATIENCE);
    collector.refuse(true);
    collide(&map("refused"));
    assert!(!telemetry.flush());
    collector.refuse(false);
    // Without a flush: the courier comes back by itself.
    until("the report", || telemetry.accounts().sent == 1);
    assert_eq!(collector.received().conflicts_on("refused").len(), 1);
    assert_eq!(telemetry.finish(), taken_and_sent(1));
}

#[test]
fn a_slow_collector_holds_up_no_access() {
    let _turn = turn();
    let collector = Collector::start();
    let telemetry = install(&collector, Duration::from_millis(200));
    collector.stall(true);
    // More conflicts than one: that the first is stuck in the network holds up none that follow.
    let began = Instant::now();
    for name in ["slow-1", "slow-2", "slow-3"] {
        collide(&map(name));
        until("the courier's acceptance", || telemetry.accounts().taken >= 1);
    }
    assert!(began.elapsed() < PATIENCE);
    assert_eq!(telemetry.accounts().sent, 0);
    collector.stall(false);
    until("the reports", || telemetry.flush());
    assert_eq!(telemetry.accounts(), taken_and_sent(3));
    // What was sent again, since the answer came too late, is the same trace.
    let roots = collector.received().conflicts_on("slow-1");
    let spans: HashSet<_> = roots.iter().map(|root| (&root.trace_id, &root.span_id)).collect();
    assert_eq!(spans.len(), 1, "{} copies", roots.len());
    telemetry.finish();
}

#[test]
fn a_flush_that_could_not_be_made_is_no_success() {
    /// Asks within a report, when the library cannot flush: the caller is a sink at work, and ours comes after it.
    struct Impatient(Arc<Mutex<Option<Guard>>>, mpsc::Sender<bool>);

    impl checkedmap::Sink for Impatient {
        fn report(&self, _: &checkedmap::Report) {
            if let Some(telemetry) = &*self.0.lock().unwrap() {
                let _ = self.1.send(telemetry.flush());
            }
        }
    }

    let _turn = turn();
    let collector = Collector::start();
    let (answer, answered) = mpsc::channel();
    let telemetry = Arc::new(Mutex::new(None));
    checkedmap::add_sink(Impatient(Arc::clone(&telemetry), answer));
    *telemetry.lock().unwrap() = Some(install(&collector, PATIENCE));
    collide(&map("asked-within"));
    assert_eq!(answered.recv_timeout(PATIENCE), Ok(false));
    let telemetry = telemetry.lock().unwrap().take().unwrap();
    assert!(telemetry.flush());
    assert_eq!(telemetry.finish(), taken_and_sent(1));
}

#[test]
fn a_bound_without_an_end_is_cut() {
    let _turn = turn();
    let collector = Collector::start();
    let builder = checkedmap_otel::builder().with_otlp(collector.endpoint(), PATIENCE);
    let telemetry = builder.with_bound(Duration::MAX).install().unwrap();
    collide(&map("patient"));
    assert!(telemetry.flush());
    assert_eq!(telemetry.finish(), taken_and_sent(1));
}

#[test]
fn the_end_is_bounded_and_tells_what_is_lost() {
    let _turn = turn();
    let collector = Collector::start();
    let bound = Duration::from_millis(100);
    let builder = checkedmap_otel::builder().with_otlp(collector.endpoint(), PATIENCE).with_bound(bound);
    let telemetry = builder.install().unwrap();
    collector.stall(true);
    collide(&map("hung"));
    let began = Instant::now();
    let accounts = telemetry.finish();
    // Three steps of a bound each; the rest is for a busy machine. The collector would have been waited for a minute.
    assert!(began.elapsed() < PATIENCE / 2, "{:?}", began.elapsed());
    assert!(accounts.balanced(), "{accounts}");
    assert_eq!((accounts.taken, accounts.sent), (1, 0), "{accounts}");
    // The one in the courier's hand too.
    assert_eq!((accounts.pending, accounts.dropped), (0, 1), "{accounts}");
}

#[test]
fn a_flood_is_bounded_in_memory_and_counted() {
    let _turn = turn();
    let collector = Collector::start();
    let telemetry = install(&collector, PATIENCE);
    collector.refuse(true);
    const MAPS: u64 = 1100;
    for number in 0..MAPS {
        collide(&map(&format!("flood-{number}")));
        // The library's own queue is shorter than the flood.
        until("room in the library's queue", || checkedmap::books().queued < 100);
    }
    let _ = checkedmap::flush(PATIENCE);
    let accounts = telemetry.accounts();
    assert!(accounts.balanced(), "{accounts}");
    assert_eq!(accounts.taken, MAPS);
    assert!(accounts.dropped > 0 && accounts.pending >= 1000, "{accounts}");
    collector.refuse(false);
    until("the reports", || telemetry.flush());
    let accounts = telemetry.finish();
    assert_eq!((accounts.sent + accounts.dropped, accounts.pending), (MAPS, 0), "{accounts}");
    let traces: HashSet<_> = collector
        .received()
        .spans
        .into_iter()
        .filter(|span| span.name == "checkedmap.conflict")
        .map(|span| span.trace_id)
        .collect();
    assert_eq!(traces.len() as u64, accounts.sent, "sent means received");
}
