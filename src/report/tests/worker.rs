//! Who does the reporter's work, and when: its thread, the caller where there is none, the child of a fork.

use std::thread;

use super::*;
use crate::report::coalesce::WINDOW;
use crate::report::reporter::Worker;

#[test]
fn a_window_that_closes_is_told_without_a_flush() {
    struct Told(mpsc::Sender<Repeat>);
    impl Sink for Told {
        fn report(&self, _: &Report) {}
        fn repeated(&self, repeat: &Repeat) {
            let _ = self.0.send(repeat.clone());
        }
    }
    let reporter = reporter();
    let (told, repeats) = mpsc::channel();
    reporter.sinks().add(Told(told));
    let key = Key::of(&conflict(1));
    // A clock set back far enough that the window is about to close.
    let opened = Instant::now().checked_sub(WINDOW - Duration::from_millis(50)).expect("the machine is up longer");
    let Verdict::First(number) = reporter.detect_at(key, opened, SystemTime::now()) else { panic!("a first one") };
    // A report that has its count already leaves what follows to the end of the window.
    reporter.submit(number, observation(1, known()));
    reporter.flush(LONG).expect("flushed");
    let verdict = reporter.detect_at(key, opened, SystemTime::now());
    assert_eq!(verdict, Verdict::Repeat { number, nth: 2 });
    let repeat = repeats.recv_timeout(LONG).expect("told when the window closes");
    assert_eq!((repeat.number, repeat.count), (number, 1));
}

#[test]
fn work_is_done_on_the_calling_thread_where_there_is_no_other() {
    let (reporter, memory) = reporter_with_memory();
    // As if somebody else were starting the thread, and then failed to.
    reporter.state.lock().thread = Worker::Starting;
    let here = thread::current().id();
    reporter.sinks().add(Calling(move |_: &Report| assert_eq!(thread::current().id(), here)));
    encounter(reporter, 1);
    let (inquiry, holder) = asked(Duration::ZERO);
    reporter.submit(first(reporter, 2), observation(2, holder));
    reporter.work_here();
    assert!(inquiry.is_withdrawn());
    assert_eq!(memory.reports().len(), 2);
    assert_eq!(reporter.books(), Books { detected: 2, delivered: 2, ..Books::default() });
}

#[test]
fn a_child_takes_the_sinks_and_leaves_the_books() {
    let (parent, memory) = reporter_with_memory();
    encounter(parent, 1);
    parent.flush(LONG).expect("flushed");
    let child: &'static Reporter = Box::leak(Box::new(Reporter::after(Some(parent))));
    assert_eq!(child.books(), Books::default());
    // Detected before the fork, handed over after it.
    child.submit(9, observation(1, known()));
    child.flush(LONG).expect("flushed");
    assert_eq!(child.books(), Books { detected: 1, delivered: 1, ..Books::default() });
    assert_eq!(first(child, 2), 10);
    assert_eq!(memory.reports().len(), 2);
}
