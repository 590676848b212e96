//! What becomes of every conflict is counted, however many there are.

use std::sync::Barrier;
use std::thread;

use super::*;
use crate::report::account::CAPACITY;

#[test]
fn a_conflict_between_detection_and_submission_is_queued() {
    let (reporter, _memory) = reporter_with_memory();
    let number = first(reporter, 1);
    assert_eq!(reporter.books(), Books { detected: 1, queued: 1, ..Books::default() });
    assert_eq!(reporter.flush(Duration::ZERO), Err(FlushError::Deadline { left: 1, deadline: Duration::ZERO }));
    reporter.submit(number, observation(1, known()));
    reporter.flush(LONG).expect("flushed");
    assert_eq!(reporter.books(), Books { detected: 1, delivered: 1, ..Books::default() });
}

#[test]
fn without_a_sink_reports_count_as_delivered() {
    let reporter = reporter();
    encounter(reporter, 1);
    reporter.flush(LONG).expect("flushed");
    assert_eq!(reporter.books(), Books { detected: 1, delivered: 1, ..Books::default() });
}

/// The counts that sinks were told stand for every conflict that was not dropped.
fn told(memory: &Memory) -> u64 {
    let reports: u64 = memory.reports().iter().map(|report| report.count).sum();
    reports + memory.repeats().iter().map(|repeat| repeat.count).sum::<u64>()
}

#[test]
fn ten_thousand_conflicts_from_many_threads_are_all_accounted_for() {
    const THREADS: u64 = 4;
    const EACH: u64 = 2500;
    const ORIGINS: u64 = 10;
    let (reporter, memory) = reporter_with_memory();
    let (arrivals, go) = gated(reporter);
    let start = Arc::new(Barrier::new(THREADS as usize));
    let workers: Vec<_> = (0..THREADS)
        .map(|_| {
            let start = Arc::clone(&start);
            thread::spawn(move || {
                start.wait();
                for conflict in 0..EACH {
                    encounter(reporter, conflict % ORIGINS);
                    assert!(reporter.books().balanced(), "{}", reporter.books());
                }
            })
        })
        .collect();
    // The sink is stuck in its first report until every conflict is through: nobody waited for it.
    arrivals.recv().expect("a report arrives");
    for worker in workers {
        worker.join().expect("no panic");
    }
    let books = reporter.books();
    assert_eq!((books.detected, books.delivered), (THREADS * EACH, 0));
    assert!(books.balanced());
    drop(go);
    reporter.flush(LONG).expect("flushed");
    let books = reporter.books();
    assert_eq!((books.detected, books.dropped, books.queued), (THREADS * EACH, 0, 0));
    assert_eq!(books.delivered, memory.reports().len() as u64);
    assert!(books.balanced());
    assert_eq!(told(&memory), THREADS * EACH);
}

#[test]
fn what_does_not_fit_is_dropped_and_counted() {
    const MORE: u64 = 100;
    let (reporter, memory) = reporter_with_memory();
    let (arrivals, go) = gated(reporter);
    encounter(reporter, 0);
    arrivals.recv().expect("the first arrives, and the sink is stuck");
    for subject in 1..CAPACITY as u64 + MORE {
        encounter(reporter, subject);
    }
    let books = reporter.books();
    assert_eq!((books.dropped, books.queued), (MORE, CAPACITY as u64));
    assert!(books.balanced());
    drop(go);
    reporter.flush(LONG).expect("flushed");
    let books = reporter.books();
    assert_eq!((books.delivered, books.dropped, books.queued), (CAPACITY as u64, MORE, 0));
    assert_eq!(told(&memory), CAPACITY as u64);
}

#[test]
fn a_dropped_report_tells_the_holder_not_to_bother() {
    let reporter = reporter();
    let (arrivals, _go) = gated(reporter);
    encounter(reporter, 0);
    arrivals.recv().expect("the first arrives, and the sink is stuck");
    for subject in 1..CAPACITY as u64 {
        encounter(reporter, subject);
    }
    let (inquiry, holder) = asked(LONG);
    let number = first(reporter, u64::MAX);
    reporter.submit(number, observation(u64::MAX, holder));
    assert!(inquiry.is_withdrawn());
}
