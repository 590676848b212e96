//! The reporter: what is known of every conflict between its detection and its delivery.
//!
//! One lock guards the books and what they count, so that they balance whenever they are read. It is held for a few map and
//! queue operations, never while a sink, the symbol resolver or other code that might block runs.
//!
//! A report is *open* from its [`Verdict::First`] until it is settled, which is what `queued` counts. In between lies the
//! short while in which its observation is still being gathered on the thread that made it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::thread::Thread;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::{Condvar, Mutex};

use super::coalesce::Coalescer;
use super::flush::FlushRequest;
use super::{Books, FlushError, Key, Observation, Repeat, Report, Verdict};
use crate::conflict::Conflict;
use crate::sink::Registry;

/// Reports handed over and not delivered yet. An observation is a few kilobytes; a reporter this far behind is behind a
/// sink that does not keep up, and more memory would not help it.
pub(super) const CAPACITY: usize = 1024;

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
    pub(super) coalescer: Coalescer,
    /// All but `queued`, which is the number of open reports.
    books: Books,
    /// Numbers of reports detected and not settled.
    open: BTreeSet<u64>,
    /// Reports handed over, for the reporter's thread to take.
    queue: VecDeque<Job>,
    /// Reports handed over and not settled.
    backlog: usize,
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
}

/// Settles a report when it goes: as delivered if somebody said so, else as dropped, a panic on the way included.
pub(super) struct Settlement {
    reporter: &'static Reporter,
    pub(super) number: u64,
    pub(super) delivered: bool,
}

impl Drop for Settlement {
    fn drop(&mut self) {
        let mut state = self.reporter.state.lock();
        state.backlog -= 1;
        state.settle(self.number, self.delivered);
    }
}

impl State {
    fn books(&self) -> Books {
        Books { queued: self.open.len() as u64, ..self.books }
    }

    fn settle(&mut self, number: u64, delivered: bool) {
        if self.open.remove(&number) {
            let term = if delivered { &mut self.books.delivered } else { &mut self.books.dropped };
            *term += 1;
        }
    }

    /// Takes responsibility for a report detected before a `fork`, of which the child's books have not heard.
    fn adopt(&mut self, number: u64) {
        if self.open.insert(number) {
            self.books.detected += 1;
            self.coalescer.skip_to(number);
        }
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
        let verdict = state.coalescer.detect(key, now, at);
        state.books.detected += 1;
        match verdict {
            Verdict::First(number) => {
                state.open.insert(number);
            }
            Verdict::Repeat { .. } => state.books.coalesced += 1,
        }
        // Somebody has to tell the count when the window closes; the first repeat of a window sets the reporter's alarm.
        let alarm = matches!(verdict, Verdict::Repeat { nth: 2, .. }).then(|| state.worker()).flatten();
        drop(state);
        if let Some(worker) = alarm {
            worker.unpark();
        }
        verdict
    }

    pub(super) fn submit(&'static self, number: u64, observation: Observation) {
        self.label(number, &observation.conflict);
        self.hand_over(number, Content::Observed(Box::new(observation)));
    }

    pub(super) fn raise(&'static self, number: u64, observation: Observation) -> Arc<Report> {
        self.label(number, &observation.conflict);
        observation.wait();
        let report = Arc::new(self.build(number, observation));
        self.hand_over(number, Content::Ready(Arc::clone(&report)));
        report
    }

    pub(super) fn books(&self) -> Books {
        self.state.lock().books()
    }

    pub(super) fn flush(&'static self, deadline: Duration) -> Result<(), FlushError> {
        if super::delivery::inside_sink() {
            return Err(FlushError::InsideSink { left: self.state.lock().open.len() });
        }
        let now = Instant::now();
        let bounded = deadline.min(FAR);
        let (ticket, up_to) = self.request_flush(now + bounded / 2);
        self.wake();
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
        Err(FlushError::Deadline { left: state.open.range(..=up_to).count(), deadline })
    }

    fn request_flush(&self, cutoff: Instant) -> (u64, u64) {
        let mut state = self.state.lock();
        state.ticket += 1;
        let (ticket, up_to) = (state.ticket, state.coalescer.last_number());
        state.flushes.push_back(FlushRequest { ticket, up_to, cutoff });
        (ticket, up_to)
    }

    /// The flushes whose reports are all settled: the last one's ticket. Earlier ones wait for no more than it does.
    pub(super) fn flush_due(&self) -> Option<u64> {
        let state = self.state.lock();
        let settled = |request: &&FlushRequest| state.open.first().is_none_or(|oldest| *oldest > request.up_to);
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

    pub(super) fn take_closed(&self, now: Instant) -> Vec<Repeat> {
        self.state.lock().coalescer.take_closed(now)
    }

    pub(super) fn build(&self, number: u64, observation: Observation) -> Report {
        let key = Key::of(&observation.conflict);
        let folded = self.state.lock().coalescer.take_untold(&key, number);
        observation.into_report(number, 1 + folded)
    }

    fn label(&self, number: u64, conflict: &Conflict) {
        self.state.lock().coalescer.label(&Key::of(conflict), number, conflict.subject());
    }

    fn hand_over(&'static self, number: u64, content: Content) {
        let mut state = self.state.lock();
        state.adopt(number);
        if state.backlog >= CAPACITY {
            state.settle(number, false);
            drop(state);
            if let Content::Observed(observation) = &content
                && let Some(inquiry) = observation.inquiry()
            {
                inquiry.withdraw();
            }
        } else {
            state.backlog += 1;
            let settlement = Settlement { reporter: self, number, delivered: false };
            state.queue.push_back(Job { settlement, content });
            drop(state);
        }
        self.wake();
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
