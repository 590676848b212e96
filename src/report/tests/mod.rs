//! The reporter as a whole: its books, its thread, its sinks.
//!
//! Each test has a reporter of its own, which lives as long as the process, as the real one does.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant, SystemTime};

use super::*;
use crate::access::{Access, Operation, Site};
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::conflict::trace::{Missing, RawTrace, Stack};
use crate::conflict::{Conflict, Facts, Party, Subject, ThreadInfo};
use crate::context::RequestContext;
use crate::sink::{Memory, Registry, Sink};

mod accounts;
mod evidence;
mod flushes;
mod sinks;
mod worker;

/// Long enough for any machine; only a test that fails waits this long.
pub(super) const LONG: Duration = Duration::from_secs(60);

fn reporter() -> &'static Reporter {
    Box::leak(Box::new(Reporter::new(Registry::configured(&[]))))
}

pub(super) fn reporter_with_memory() -> (&'static Reporter, Memory) {
    let (reporter, memory) = (reporter(), Memory::new());
    reporter.sinks().add(memory.clone());
    (reporter, memory)
}

pub(super) fn party(operation: Operation, site: Site) -> Party {
    let thread = ThreadInfo { id: 1, name: Some("worker".into()), ended: false };
    Party { access: Access::new(operation, site), thread }
}

/// A conflict on the collection of this number, always between the same two sites.
pub(super) fn conflict(subject: u64) -> Conflict {
    let (site, created) = (Site::caller(), Site::caller());
    Conflict::new(Facts {
        kind: ConflictKind::WriteWrite,
        subject: Subject { id: subject, name: Some("sessions".into()), type_name: "(u8, u8)", created },
        mode: Mode::Log,
        contender: party(Operation::Insert, site),
        holder: Some(party(Operation::Remove, created)),
        chain: Vec::new(),
    })
}

pub(super) fn observation(subject: u64, holder: HolderEvidence) -> Observation {
    Observation {
        conflict: conflict(subject),
        outcome: Outcome::Waited,
        detected: SystemTime::now(),
        instant: Instant::now(),
        contender_stack: Stack::Missing(Missing::Disabled),
        contender_context: RequestContext::default(),
        holder,
        waited: None,
    }
}

pub(super) fn known() -> HolderEvidence {
    HolderEvidence::Known(Stack::Missing(Missing::Disabled))
}

fn asked(deadline: Duration) -> (Arc<Inquiry>, HolderEvidence) {
    let inquiry = Arc::new(Inquiry::new(1));
    let otherwise = Stack::Missing(Missing::StillInside);
    let asked = Arc::clone(&inquiry);
    (inquiry, HolderEvidence::Asked { inquiry: asked, deadline: Instant::now() + deadline, otherwise })
}

fn answer() -> Answer {
    Answer { trace: Some(RawTrace::capture()), left: SystemTime::now(), context: RequestContext::default() }
}

/// What the gate's side does with a conflict; says whether it was the first of its window.
pub(super) fn encounter(reporter: &'static Reporter, subject: u64) -> bool {
    match reporter.detect(Key::of(&conflict(subject))) {
        Verdict::First(number) => {
            reporter.submit(number, observation(subject, known()));
            true
        }
        Verdict::Repeat { .. } => false,
    }
}

pub(super) fn first(reporter: &Reporter, subject: u64) -> u64 {
    match reporter.detect(Key::of(&conflict(subject))) {
        Verdict::First(number) => number,
        Verdict::Repeat { .. } => panic!("subject {subject} has been seen"),
    }
}

/// A sink that does what the test says.
struct Calling<F>(F);

impl<F: Fn(&Report) + Send + Sync + 'static> Sink for Calling<F> {
    fn report(&self, report: &Report) {
        (self.0)(report);
    }
}

/// A sink that takes a report each time the test lets it.
fn gated(reporter: &Reporter) -> (mpsc::Receiver<u64>, mpsc::Sender<()>) {
    let (arrived, arrivals) = mpsc::channel();
    let (go, gone) = mpsc::channel();
    let gone = parking_lot::Mutex::new(gone);
    reporter.sinks().add(Calling(move |report: &Report| {
        let _ = arrived.send(report.number);
        // The test that has dropped its end lets everything through.
        let _ = gone.lock().recv();
    }));
    (arrivals, go)
}
