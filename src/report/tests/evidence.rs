//! What a report waits for before it goes out, and what is in it by then.

use std::time::{Duration, Instant};

use super::*;
use crate::conflict::trace::Moment;

#[test]
fn a_report_reaches_the_sink() {
    let (reporter, memory) = reporter_with_memory();
    assert!(encounter(reporter, 1));
    assert!(memory.wait_for(1, LONG));
    reporter.flush(LONG).expect("flushed");
    let books = reporter.books();
    assert_eq!((books.detected, books.delivered, books.queued), (1, 1, 0));
    let report = &memory.reports()[0];
    assert_eq!((report.number, report.kind, report.count), (1, ConflictKind::WriteWrite, 1));
    assert_eq!(report.map.name.as_deref(), Some("sessions"));
    assert_eq!(report.contender.operation, "insert");
    assert_eq!(report.holder.as_ref().expect("named").operation, "remove");
    assert_eq!(report.pid, std::process::id());
}

#[test]
fn the_holders_answer_and_the_contenders_turn_are_waited_for() {
    let (reporter, memory) = reporter_with_memory();
    let (inquiry, holder) = asked(Duration::from_secs(86_400));
    reporter.submit(first(reporter, 1), observation(1, holder));
    // One that waits holds up none behind it.
    encounter(reporter, 2);
    assert!(memory.wait_for(1, LONG));
    assert_eq!(memory.reports()[0].map.id, 2);
    inquiry.answer(answer());
    encounter(reporter, 3);
    assert!(memory.wait_for(2, LONG));
    assert_eq!(memory.reports()[1].map.id, 3, "the contender has yet to get its turn");
    inquiry.set_admitted(Instant::now());
    assert!(memory.wait_for(3, LONG));
    let report = &memory.reports()[2];
    assert!(report.holder_left.is_some() && report.admitted.is_some() && report.waited.is_some());
    let stack = &report.holder.as_ref().expect("named").stack;
    let StackTrace::Taken { moment: Moment::Leaving, frames, .. } = stack else { panic!("no stack: {stack}") };
    assert!(!frames.is_empty());
}

#[test]
fn a_contender_that_does_not_wait_has_no_turn_to_wait_for() {
    let (reporter, memory) = reporter_with_memory();
    let (inquiry, holder) = asked(Duration::from_secs(86_400));
    reporter.submit(first(reporter, 1), Observation { outcome: Outcome::Returned, ..observation(1, holder) });
    inquiry.answer(answer());
    assert!(memory.wait_for(1, LONG));
    assert!(memory.reports()[0].holder_left.is_some());
}

#[test]
fn a_holder_has_left_when_the_contender_gets_its_turn() {
    let (reporter, _memory) = reporter_with_memory();
    let (inquiry, holder) = asked(LONG);
    let observation = observation(1, holder);
    inquiry.set_admitted(observation.instant);
    inquiry.answer(Answer { left: observation.detected + LONG, ..answer() });
    let report = reporter.raise(first(reporter, 1), observation);
    assert_eq!((report.holder_left, report.admitted), (Some(report.detected), Some(report.detected)));
}

#[test]
fn a_holder_that_stays_is_reported_without_its_stack() {
    let (reporter, memory) = reporter_with_memory();
    let (inquiry, holder) = asked(Duration::ZERO);
    reporter.submit(first(reporter, 1), observation(1, holder));
    assert!(memory.wait_for(1, LONG));
    let stack = memory.reports()[0].holder.clone().expect("named").stack;
    assert_eq!(stack, StackTrace::Missing { reason: Missing::StillInside });
    assert!(inquiry.is_withdrawn());
}

#[test]
fn a_raised_report_is_returned_and_delivered() {
    let (reporter, memory) = reporter_with_memory();
    let (inquiry, holder) = asked(LONG);
    inquiry.answer(answer());
    inquiry.set_admitted(Instant::now());
    let number = first(reporter, 1);
    let report = reporter.raise(number, observation(1, holder));
    assert_eq!(report.number, number);
    assert!(report.holder_left.is_some() && report.admitted.is_some() && report.waited.is_some());
    reporter.flush(LONG).expect("flushed");
    assert_eq!(memory.reports(), [Report::clone(&report)]);
}
