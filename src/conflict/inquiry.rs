//! The exchange of evidence between the two threads of a conflict.
//!
//! A contender opens an [`Inquiry`] at the holder's ledger before it marks the gate as contended. A holder that finds the
//! mark as it leaves answers every inquiry about its access: its user's frames are still on its stack then, so nothing is
//! captured while nothing is wrong. Whoever builds the report waits for the answer, for a bounded time.

use std::thread::Thread;
use std::time::{Duration, Instant, SystemTime};

use crate::conflict::trace::RawTrace;
use crate::context::RequestContext;
use crate::sync::{Condvar, Mutex};

/// How long a holder tries for the lock of a question, which is held for nanoseconds.
const LOCK_PATIENCE: Duration = Duration::from_millis(20);

/// A question to one access of one thread: from where do you come?
pub(crate) struct Inquiry {
    /// The access asked, by its number in its ledger. Another access of the same thread must not answer.
    sequence: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    answer: Option<Answer>,
    /// Nobody waits for the answer any more.
    withdrawn: bool,
    /// The reporter's thread, which waits for many at a time and so cannot wait for this one here.
    reporter: Option<Thread>,
    /// When the contender got its turn, in the modes in which it waits for one.
    admitted: Option<Instant>,
}

impl State {
    fn wake_reporter(&self) {
        if let Some(reporter) = &self.reporter {
            reporter.unpark();
        }
    }
}

/// What the holder hands over.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// `None` where stacks are switched off.
    pub(crate) trace: Option<RawTrace>,
    pub(crate) left: SystemTime,
    pub(crate) context: RequestContext,
}

impl Inquiry {
    pub(crate) fn new(sequence: u64) -> Self {
        Self { sequence, state: Mutex::new(State::default()), changed: Condvar::new() }
    }

    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Called by the holder. The first answer stands.
    pub(crate) fn answer(&self, answer: Answer) {
        // After a `fork` the asker, and its lock on the question, may not exist.
        let Some(mut state) = self.state.try_lock_for(LOCK_PATIENCE) else { return };
        if state.answer.is_none() {
            state.answer = Some(answer);
            self.changed.notify_all();
            state.wake_reporter();
        }
    }

    /// Has a thread unparked when the answer comes, and when the contender gets its turn. What is there already wakes nobody.
    pub(crate) fn wake_on_news(&self, reporter: Thread) {
        self.state.lock().reporter = Some(reporter);
    }

    pub(crate) fn is_answered(&self) -> bool {
        self.state.lock().answer.is_some()
    }

    /// Tells the holder not to bother.
    pub(crate) fn withdraw(&self) {
        self.state.lock().withdrawn = true;
    }

    pub(crate) fn is_withdrawn(&self) -> bool {
        self.state.try_lock_for(LOCK_PATIENCE).is_none_or(|state| state.withdrawn)
    }

    /// The answer, if it is there.
    pub(crate) fn answered(&self) -> Option<Answer> {
        self.state.lock().answer.clone()
    }

    /// Waits for the answer, at most until `deadline`.
    pub(crate) fn wait_until(&self, deadline: Instant) -> Option<Answer> {
        let mut state = self.state.lock();
        while state.answer.is_none() {
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                break;
            }
        }
        state.answer.clone()
    }

    /// Called by the contender when its turn has come.
    pub(crate) fn set_admitted(&self, at: Instant) {
        let mut state = self.state.lock();
        state.admitted = Some(at);
        state.wake_reporter();
    }

    pub(crate) fn admitted(&self) -> Option<Instant> {
        self.state.lock().admitted
    }
}
