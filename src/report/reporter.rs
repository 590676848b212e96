//! The reporter: what is known of every conflict between its detection and its delivery.
//!
//! One lock guards the books and what they count, so that they balance whenever they are read. It is held for a few map and
//! queue operations, never while a sink, the symbol resolver or other code that might block runs.
//!
//! A report is *open* from its [`Verdict::First`] until it is settled, which is what `queued` counts. In between lies the
//! short while in which its observation is still being gathered on the thread that made it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::Thread;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::{Condvar, Mutex};

use super::account::{Account, Class};
use super::coalesce::Folded;
use super::delivery::Caller;
use super::flush::{FlushRequest, UpTo};
use super::suspicion::Suspicion;
use super::{Books, FlushError, Key, Observation, Report, SuspectKey, Verdict};
use crate::conflict::Conflict;
use crate::sink::Registry;

/// As good as no deadline.
const FAR: Duration = Duration::from_secs(86_400 * 365);

pub(crate) struct Reporter {
    pub(super) state: Mutex<State>,
    /// A flush has ended.
    pub(super) flushed: Condvar,
    pub(super) sinks: Registry,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) conflicts: Account<Key>,
    pub(super) suspects: Account<SuspectKey>,
    /// Reports handed over, for the reporter's thread to take.
    queue: VecDeque<Job>,
    /// Flushes that wait, oldest first.
    flushes: VecDeque<FlushRequest>,
    /// The last ticket given to a flush.
    ticket: u64,
    /// The last ticket served.
    served: u64,
    pub(super) thread: Worker,
}

/// The reporter's thread.
#[derive(Default)]
pub(super) enum Worker {
    #[default]
    None,
    /// Somebody is starting it, and will wake it.
    Starting,
    Running(Thread),
}

/// A report on its way to the sinks.
pub(super) struct Job {
    pub(super) settlement: Settlement,
    pub(super) content: Content,
}

pub(super) enum Content {
    Observed(Box<Observation>),
    Ready(Arc<Report>),
    Suspected(Box<Suspicion>),
}

impl Content {
    fn class(&self) -> Class {
        match self {
            Self::Observed(_) | Self::Ready(_) => Class::Conflict,
            Self::Suspected(_) => Class::Suspect,
        }
    }
}

/// Settles a report when it goes: as delivered if somebody said so, else as dropped, a panic on the way included.
pub(super) struct Settlement {
    reporter: &'static Reporter,
    class: Class,
    pub(super) number: u64,
    pub(super) delivered: bool,
}

impl Drop for Settlement {
    fn drop(&mut self) {
        let mut state = self.reporter.state.lock();
        match self.class {
            Class::Conflict => state.conflicts.leave(self.number, self.delivered),
            Class::Suspect => state.suspects.leave(self.number, self.delivered),
        }
    }
}

impl State {
    fn open(&self) -> usize {
        self.conflicts.open() + self.suspects.open()
    }

    fn open_up_to(&self, up_to: UpTo) -> usize {
        self.conflicts.open_up_to(up_to.conflict) + self.suspects.open_up_to(up_to.suspect)
    }

    fn is_settled_up_to(&self, up_to: UpTo) -> bool {
        self.conflicts.is_settled_up_to(up_to.conflict) && self.suspects.is_settled_up_to(up_to.suspect)
    }

    /// When the next window that has folded anything closes.
    pub(super) fn next_close(&self) -> Option<Instant> {
        let closes = [self.conflicts.coalescer.next_close(), self.suspects.coalescer.next_close()];
        closes.into_iter().flatten().min()
    }

    /// What was folded in windows that have closed, or in all.
    pub(super) fn take_folded(&mut self, all: bool, now: Instant) -> (Vec<Folded<Key>>, Vec<Folded<SuspectKey>>) {
        let Self { conflicts, suspects, .. } = self;
        if all {
            (conflicts.coalescer.take_all(now), suspects.coalescer.take_all(now))
        } else {
            (conflicts.coalescer.take_closed(now), suspects.coalescer.take_closed(now))
        }
    }

    /// The thread to wake so that the count of a window is told when it closes. The first repeat sets the alarm.
    fn alarm(&self, verdict: Verdict) -> Option<Thread> {
        matches!(verdict, Verdict::Repeat { nth: 2, .. }).then(|| self.worker()).flatten()
    }
}

impl Reporter {
    /// A reporter with the sinks of the process that forked this one; without such, with those of the configuration.
    pub(super) fn after(parent: Option<&Self>) -> Self {
        let inherited = parent.and_then(|parent| parent.sinks.inherit());
        Self::new(inherited.unwrap_or_else(|| Registry::configured(crate::config::first_targets())))
    }

    pub(super) fn new(sinks: Registry) -> Self {
        Self { state: Mutex::default(), flushed: Condvar::new(), sinks }
    }

    pub(crate) fn sinks(&self) -> &Registry {
        &self.sinks
    }

    pub(super) fn detect(&self, key: Key) -> Verdict {
        self.detect_at(key, Instant::now(), SystemTime::now())
    }

    pub(super) fn detect_at(&self, key: Key, now: Instant, at: SystemTime) -> Verdict {
        let mut state = self.state.lock();
        let verdict = state.conflicts.detect(key, now, at);
        let alarm = state.alarm(verdict);
        drop(state);
        if let Some(worker) = alarm {
            worker.unpark();
        }
        verdict
    }

    /// Counts a suspect and, where it is the first of its window, hands it over.
    pub(super) fn suspect(&'static self, suspicion: Suspicion, caller: Caller) {
        let key = suspicion.key();
        let mut state = self.state.lock();
        let verdict = state.suspects.detect(key, suspicion.instant(), suspicion.detected());
        if let Verdict::First(number) = verdict {
            state.suspects.coalescer.label(&key, number, suspicion.subject());
        }
        let alarm = state.alarm(verdict);
        drop(state);
        if let Some(worker) = alarm {
            worker.unpark();
        }
        if let Verdict::First(number) = verdict {
            self.hand_over(number, Content::Suspected(Box::new(suspicion)), caller);
        }
    }

    pub(super) fn submit(&'static self, number: u64, observation: Observation) {
        self.label(number, &observation.conflict);
        self.hand_over(number, Content::Observed(Box::new(observation)), Caller::Outside);
    }

    pub(super) fn raise(&'static self, number: u64, observation: Observation) -> Arc<Report> {
        self.label(number, &observation.conflict);
        observation.wait();
        let report = Arc::new(self.build(number, observation));
        self.hand_over(number, Content::Ready(Arc::clone(&report)), Caller::Outside);
        report
    }

    pub(super) fn books(&self) -> Books {
        self.state.lock().conflicts.books()
    }

    pub(super) fn suspect_books(&self) -> Books {
        self.state.lock().suspects.books()
    }

    pub(super) fn flush(&'static self, deadline: Duration) -> Result<(), FlushError> {
        if super::delivery::inside_sink() {
            return Err(FlushError::InsideSink { left: self.state.lock().open() });
        }
        let now = Instant::now();
        let bounded = deadline.min(FAR);
        let (ticket, up_to) = self.request_flush(now + bounded / 2);
        self.wake(Caller::Outside);
        let mut state = self.state.lock();
        while state.served < ticket {
            if self.flushed.wait_until(&mut state, now + bounded).timed_out() {
                break;
            }
        }
        if state.served >= ticket {
            return Ok(());
        }
        state.flushes.retain(|request| request.ticket != ticket);
        Err(FlushError::Deadline { left: state.open_up_to(up_to), deadline })
    }

    fn request_flush(&self, cutoff: Instant) -> (u64, UpTo) {
        let mut state = self.state.lock();
        state.ticket += 1;
        let conflict = state.conflicts.coalescer.last_number();
        let suspect = state.suspects.coalescer.last_number();
        let (ticket, up_to) = (state.ticket, UpTo { conflict, suspect });
        state.flushes.push_back(FlushRequest { ticket, up_to, cutoff });
        (ticket, up_to)
    }

    /// The flushes whose reports are all settled: the last one's ticket. Earlier ones wait for no more than it does.
    pub(super) fn flush_due(&self) -> Option<u64> {
        let state = self.state.lock();
        let settled = |request: &&FlushRequest| state.is_settled_up_to(request.up_to);
        state.flushes.iter().filter(settled).map(|request| request.ticket).max()
    }

    pub(super) fn serve_flush(&self, ticket: u64) {
        let mut state = self.state.lock();
        state.flushes.retain(|request| request.ticket > ticket);
        state.served = state.served.max(ticket);
        drop(state);
        self.flushed.notify_all();
    }

    /// When reports stop waiting for evidence, because somebody waits for them.
    pub(super) fn cutoff(&self) -> Option<Instant> {
        self.state.lock().flushes.iter().map(|request| request.cutoff).min()
    }

    pub(super) fn take_queue(&self) -> VecDeque<Job> {
        std::mem::take(&mut self.state.lock().queue)
    }

    pub(super) fn build(&self, number: u64, observation: Observation) -> Report {
        let key = Key::of(&observation.conflict);
        let folded = self.state.lock().conflicts.coalescer.take_untold(&key, number);
        observation.into_report(number, 1 + folded)
    }

    pub(super) fn build_suspect(&self, number: u64, suspicion: Suspicion) -> super::Suspect {
        let folded = self.state.lock().suspects.coalescer.take_untold(&suspicion.key(), number);
        suspicion.into_suspect(number, 1 + folded)
    }

    fn label(&self, number: u64, conflict: &Conflict) {
        self.state.lock().conflicts.coalescer.label(&Key::of(conflict), number, conflict.subject());
    }

    fn hand_over(&'static self, number: u64, content: Content, caller: Caller) {
        let mut state = self.state.lock();
        let class = content.class();
        let admitted = match class {
            Class::Conflict => state.conflicts.admit(number),
            Class::Suspect => state.suspects.admit(number),
        };
        if !admitted {
            drop(state);
            if let Content::Observed(observation) = &content
                && let Some(inquiry) = observation.inquiry()
            {
                inquiry.withdraw();
            }
        } else {
            let settlement = Settlement { reporter: self, class, number, delivered: false };
            state.queue.push_back(Job { settlement, content });
            drop(state);
        }
        self.wake(caller);
    }
}

impl State {
    /// The reporter's thread, if it runs.
    fn worker(&self) -> Option<Thread> {
        match &self.thread {
            Worker::Running(thread) => Some(thread.clone()),
            Worker::None | Worker::Starting => None,
        }
    }
}

impl Key {
    /// The key of a conflict that has a report.
    pub(crate) fn of(conflict: &Conflict) -> Self {
        Self {
            subject: conflict.subject().id(),
            kind: conflict.kind(),
            contender: conflict.contender().access.site,
            holder: conflict.holder().map(|holder| holder.access.site),
        }
    }
}
