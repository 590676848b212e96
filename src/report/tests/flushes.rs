//! What a flush waits for, and how long.

use super::*;

#[test]
fn a_flush_does_not_wait_for_evidence_beyond_its_deadline() {
    let (reporter, memory) = reporter_with_memory();
    let (_inquiry, holder) = asked(Duration::from_secs(86_400));
    reporter.submit(first(reporter, 1), observation(1, holder));
    reporter.flush(Duration::from_secs(6)).expect("flushed");
    assert_eq!(memory.reports().len(), 1);
}

#[test]
fn a_flush_of_a_stuck_sink_ends_and_says_what_is_left() {
    let (reporter, _memory) = reporter_with_memory();
    let (arrivals, go) = gated(reporter);
    for subject in 0..3 {
        encounter(reporter, subject);
    }
    arrivals.recv().expect("a report arrives");
    let error = reporter.flush(Duration::ZERO).expect_err("the sink is stuck");
    assert_eq!(error.to_string(), "3 conflict reports were still on their way after 0ns");
    drop(go);
    reporter.flush(Duration::MAX).expect("flushed");
    assert_eq!(reporter.books().queued, 0);
}

#[test]
fn a_flush_calls_every_sinks_flush_after_its_reports() {
    struct Flushing(Memory, mpsc::Sender<usize>);
    impl Sink for Flushing {
        fn report(&self, report: &Report) {
            self.0.report(report);
        }
        fn flush(&self) {
            let _ = self.1.send(self.0.reports().len());
        }
    }
    let reporter = reporter();
    let (flushed, flushes) = mpsc::channel();
    reporter.sinks().add(Flushing(Memory::new(), flushed));
    reporter.flush(LONG).expect("flushed, though there is nothing");
    assert_eq!(flushes.recv(), Ok(0));
    encounter(reporter, 1);
    encounter(reporter, 2);
    reporter.flush(LONG).expect("flushed");
    assert_eq!(flushes.recv(), Ok(2));
}

#[test]
fn a_flush_tells_the_counts_of_open_windows() {
    let (reporter, memory) = reporter_with_memory();
    encounter(reporter, 1);
    reporter.flush(LONG).expect("flushed");
    for _ in 0..4 {
        assert!(!encounter(reporter, 1));
    }
    reporter.flush(LONG).expect("flushed");
    let repeats = memory.repeats();
    assert_eq!(repeats.len(), 1);
    assert_eq!((repeats[0].number, repeats[0].count), (1, 4));
    assert_eq!(repeats[0].map, Some((conflict(1).subject()).into()));
    reporter.flush(LONG).expect("flushed");
    assert_eq!(memory.repeats().len(), 1);
    assert_eq!(reporter.books(), Books { detected: 5, delivered: 1, coalesced: 4, ..Books::default() });
}
