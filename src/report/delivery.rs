//! The reporter's thread: takes what was handed over, waits for the evidence, builds the reports, calls the sinks.
//!
//! Reports wait for their holders side by side: none holds up another. Where no thread can be had, whoever hands a report
//! over, and is outside, does the work for it and for those before.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::reporter::{Content, Job, Worker};
use super::{Repeat, Report, Reporter, Suspect, SuspectRepeat, exit};
use crate::helper;

thread_local! {
    /// Whether this thread is delivering reports. Without a destructor, so readable while other locals are torn down.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread is delivering reports, as any code called by a sink is.
pub(super) fn inside_sink() -> bool {
    INSIDE.get()
}

/// Where an access is while it hands a report over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Not inside the collection that the report is about.
    Outside,
    /// Inside it, and code of the program might come back to it.
    Inside,
}

/// Marks the thread as delivering until it goes.
struct Inside {
    before: bool,
}

impl Inside {
    fn enter() -> Self {
        Self { before: INSIDE.replace(true) }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.before);
    }
}

impl Reporter {
    /// Has somebody look after what was handed over: the reporter's thread, or the caller where there can be none. A caller
    /// that is inside a collection does not, since sinks are code of the program: it is left to the next who is not.
    pub(super) fn wake(&'static self, caller: Caller) {
        let mut state = self.state.lock();
        match &state.thread {
            Worker::Running(thread) => {
                let thread = thread.clone();
                drop(state);
                thread.unpark();
            }
            Worker::Starting => {}
            Worker::None => {
                state.thread = Worker::Starting;
                drop(state);
                self.start(caller);
            }
        }
    }

    fn start(&'static self, caller: Caller) {
        exit::register();
        // A thread that is tearing down its locals may be told by a panic that it cannot start another.
        let started = catch_unwind(AssertUnwindSafe(|| helper::spawn("checkedmap-reporter", move || self.run())));
        match started {
            Ok(Ok(handle)) => {
                self.state.lock().thread = Worker::Running(handle.thread().clone());
                // For what was handed over between its first look and the line above.
                handle.thread().unpark();
            }
            Ok(Err(_)) | Err(_) => {
                self.state.lock().thread = Worker::None;
                if caller == Caller::Outside {
                    self.work_here();
                }
            }
        }
    }

    /// The reporter's thread.
    fn run(&self) {
        let _inside = Inside::enter();
        let mut pending = Vec::new();
        loop {
            // Sinks are contained one by one; this is for faults of ours. A report that is lost to one counts as dropped.
            let rest = catch_unwind(AssertUnwindSafe(|| self.turn(&mut pending))).unwrap_or(Rest::None);
            match rest {
                Rest::None => {}
                Rest::Woken => thread::park(),
                Rest::Until(alarm) => thread::park_timeout(alarm.saturating_duration_since(Instant::now())),
            }
        }
    }

    /// Does everything there is to do, and says how long to rest before the next look.
    ///
    /// A sink that parks this thread, as std's channels do, may use up the wake-up that was meant for us. So there is no rest
    /// after a turn that called one: only a turn without leaves every wake-up since its beginning in place.
    fn turn(&self, pending: &mut Vec<Job>) -> Rest {
        for job in self.take_queue() {
            job.wake_on_news(&thread::current());
            pending.push(job);
        }
        let cutoff = self.cutoff();
        let hurry = cutoff.is_some_and(|cutoff| Instant::now() >= cutoff);
        let ready: Vec<_> = pending.extract_if(.., |job| hurry || job.is_ready(Instant::now())).collect();
        let mut called = !ready.is_empty();
        for job in ready {
            self.deliver(job);
        }
        called |= self.tell_repeats(false);
        called |= self.serve_flushes();
        if called {
            return Rest::None;
        }
        let deadlines = pending.iter().filter_map(Job::deadline).chain(cutoff.filter(|_| !pending.is_empty()));
        let alarm = deadlines.chain(self.state.lock().next_close()).min();
        alarm.map_or(Rest::Woken, Rest::Until)
    }

    /// The same on the calling thread, which waits for the evidence of each report.
    pub(super) fn work_here(&self) {
        if inside_sink() {
            // The delivery further up this thread's stack takes it from here.
            return;
        }
        let _inside = Inside::enter();
        loop {
            let jobs = self.take_queue();
            if jobs.is_empty() {
                break;
            }
            for job in jobs {
                job.wait();
                self.deliver(job);
            }
        }
        self.tell_repeats(false);
        self.serve_flushes();
    }

    fn deliver(&self, job: Job) {
        let Job { mut settlement, content } = job;
        let parcel = match content {
            Content::Observed(observation) => Parcel::Report(Arc::new(self.build(settlement.number, *observation))),
            Content::Ready(report) => Parcel::Report(report),
            Content::Suspected(suspicion) => {
                Parcel::Suspect(Box::new(self.build_suspect(settlement.number, *suspicion)))
            }
        };
        let sinks = self.sinks.all();
        let _inside = Inside::enter();
        let taken = sinks
            .iter()
            .filter(|sink| {
                sink.call(|sink| match &parcel {
                    Parcel::Report(report) => sink.report(report),
                    Parcel::Suspect(suspect) => sink.suspect(suspect),
                })
            })
            .count();
        settlement.delivered = taken > 0 || sinks.is_empty();
    }

    /// Tells the sinks the counts of closed windows, or of all; says whether there were any.
    fn tell_repeats(&self, all: bool) -> bool {
        let now = Instant::now();
        let (conflicts, suspects) = self.state.lock().take_folded(all, now);
        if conflicts.is_empty() && suspects.is_empty() {
            return false;
        }
        let sinks = self.sinks.all();
        let _inside = Inside::enter();
        for repeat in conflicts.into_iter().map(Repeat::from) {
            for sink in &sinks {
                sink.call(|sink| sink.repeated(&repeat));
            }
        }
        for repeat in suspects.into_iter().map(SuspectRepeat::from) {
            for sink in &sinks {
                sink.call(|sink| sink.suspect_repeated(&repeat));
            }
        }
        true
    }

    /// Ends the flushes whose reports are all settled; says whether there were any.
    fn serve_flushes(&self) -> bool {
        let Some(ticket) = self.flush_due() else { return false };
        self.tell_repeats(true);
        for sink in &self.sinks.all() {
            sink.call(|sink| sink.flush());
        }
        self.serve_flush(ticket);
        true
    }
}

/// What the sinks are handed.
enum Parcel {
    Report(Arc<Report>),
    Suspect(Box<Suspect>),
}

/// How long the reporter's thread has nothing to do.
enum Rest {
    /// Not at all, for all it knows.
    None,
    /// Until somebody wakes it.
    Woken,
    /// Until then, if nobody wakes it before.
    Until(Instant),
}

impl Job {
    fn is_ready(&self, now: Instant) -> bool {
        match &self.content {
            Content::Observed(observation) => observation.is_complete(now),
            Content::Ready(_) | Content::Suspected(_) => true,
        }
    }

    fn wait(&self) {
        if let Content::Observed(observation) = &self.content {
            observation.wait();
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match &self.content {
            Content::Observed(observation) => observation.deadline(),
            Content::Ready(_) | Content::Suspected(_) => None,
        }
    }

    fn wake_on_news(&self, thread: &thread::Thread) {
        if let Content::Observed(observation) = &self.content
            && let Some(inquiry) = observation.inquiry()
        {
            inquiry.wake_on_news(thread.clone());
        }
    }
}
