//! One refused access, and what is known of who refused it.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::Checkpoint;
use super::attempt::Attempt;
use crate::access::{Access, AccessKind};
use crate::config::{self, Backtrace};
use crate::conflict::inquiry::Inquiry;
use crate::conflict::trace::{Missing, Moment, RawTrace, Stack};
use crate::conflict::{Conflict, ConflictKind, Facts, Party, Subject, ThreadInfo};
use crate::context;
use crate::gate::Refusal;
use crate::hunt;
use crate::ledger::{Sighting, Tenancy};
use crate::observe::Vitals;
use crate::policy::Mode;
use crate::report::{self, HolderEvidence, Observation, Outcome, Verdict};

/// How long `abort` mode waits for the sinks before the process ends.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// One refused access and what is known of who refused it.
pub(super) struct Encounter<'a> {
    vitals: &'a Vitals,
    pub(super) subject: Subject,
    pub(super) mode: Mode,
    access: Access,
    contender: ThreadInfo,
    ledger: u32,
    holder: Option<Sighting>,
    pub(super) holder_party: Option<Party>,
    /// For a wait cycle: the accesses on it, holder and waiter in turn.
    chain: Vec<Party>,
    pub(super) inquiry: Option<Arc<Inquiry>>,
}

fn party(seen: &Sighting) -> Party {
    Party { access: seen.entry.access, thread: seen.ledger.thread_info() }
}

impl<'a> Encounter<'a> {
    pub(super) fn new(checkpoint: &'a Checkpoint, attempt: &Attempt, refusal: Refusal) -> Self {
        let mode = checkpoint.mode();
        // A panic while panicking would end the process before anyone reads the report.
        let mode = if mode == Mode::Panic && std::thread::panicking() { Mode::Log } else { mode };
        Self {
            vitals: checkpoint.vitals(),
            subject: checkpoint.subject(),
            mode,
            access: attempt.access,
            contender: attempt.open.ledger().thread_info_of_caller(),
            ledger: attempt.open.ledger().number(),
            holder_party: refusal.holder.as_ref().map(party),
            holder: refusal.holder,
            chain: Vec::new(),
            inquiry: refusal.inquiry,
        }
    }

    /// Names another holder than the one that refused the access first.
    pub(super) fn meet(&mut self, holder: Option<Sighting>, chain: &[Sighting]) {
        self.holder_party = holder.as_ref().map(party);
        self.holder = holder;
        self.chain = chain.iter().map(party).collect();
        self.inquiry = None;
    }

    /// Whether nobody is left to leave the gate.
    pub(super) fn holder_has_ended(&self) -> bool {
        self.holder.is_some_and(|holder| matches!(holder.ledger.tenancy(), Tenancy::Ended | Tenancy::Lost))
    }

    /// Whether the holder is this very thread, so that waiting would never end. A thread past its thread-local
    /// destructors has a ledger per access, hence the second look.
    pub(super) fn is_reentrant(&self) -> bool {
        self.holder.is_some_and(|holder| {
            holder.ledger.number() == self.ledger || holder.ledger.thread_id() == self.contender.id()
        })
    }

    pub(super) fn overlap(&self) -> ConflictKind {
        match &self.holder_party {
            Some(holder) => ConflictKind::of_overlap(self.access, holder.access),
            None if self.access.kind() == AccessKind::Write => ConflictKind::WriteWrite,
            None => ConflictKind::ReadWrite,
        }
    }

    pub(super) fn conflict(&self, kind: ConflictKind) -> Conflict {
        Conflict::new(Facts {
            kind,
            subject: self.subject.clone(),
            mode: self.mode,
            contender: Party { access: self.access, thread: self.contender.clone() },
            holder: self.holder_party.clone(),
            chain: self.chain.clone(),
        })
    }

    fn detect(&self, kind: ConflictKind) -> Verdict {
        self.vitals.count_conflict();
        if let (true, Some(holder)) = (hunt::is_on(), &self.holder_party) {
            use ConflictKind::{IterateWrite, ReadWrite, WriteWrite};
            if matches!(kind, WriteWrite | ReadWrite | IterateWrite) {
                hunt::found(self.subject.created, self.subject.name.as_deref(), holder.access, self.access);
            }
        }
        let holder = self.holder_party.as_ref().map(|holder| holder.access.site);
        report::detect(report::Key { subject: self.subject.id(), kind, contender: self.access.site, holder })
    }

    fn observation(&self, kind: ConflictKind, outcome: Outcome, at: Instant, waited: Option<Duration>) -> Observation {
        let contender_stack = match config::backtrace() {
            Backtrace::Off => Stack::Missing(Missing::Disabled),
            _ => Stack::Taken(Moment::Entering, RawTrace::capture()),
        };
        Observation {
            conflict: self.conflict(kind),
            outcome,
            detected: SystemTime::now(),
            instant: at,
            contender_stack,
            contender_context: context::current(),
            holder: self.holder_evidence(kind),
            waited,
        }
    }

    fn holder_evidence(&self, kind: ConflictKind) -> HolderEvidence {
        let Some(holder) = self.holder else {
            let missing = if self.holder_party.is_some() { Missing::AlreadyLeft } else { Missing::Unnamed };
            return HolderEvidence::Known(Stack::Missing(missing));
        };
        let entry = holder.entry_trace().map(|trace| Stack::Taken(Moment::Entering, trace));
        let known = |missing| HolderEvidence::Known(entry.clone().unwrap_or(Stack::Missing(missing)));
        if config::backtrace() == Backtrace::Off {
            known(Missing::Disabled)
        } else if kind == ConflictKind::Reentrant {
            known(Missing::SameThread)
        } else if self.holder_has_ended() {
            known(Missing::ThreadEnded)
        } else if let Some(inquiry) = &self.inquiry {
            HolderEvidence::Asked {
                inquiry: Arc::clone(inquiry),
                deadline: Instant::now() + config::evidence(),
                otherwise: entry.unwrap_or(Stack::Missing(Missing::StillInside)),
            }
        } else {
            known(Missing::StillInside)
        }
    }

    pub(super) fn submit(&self, outcome: Outcome, at: Instant) {
        self.submit_as(self.overlap(), outcome, at, None);
    }

    /// Counts the conflict and, if it is news, hands it to the reporter.
    pub(super) fn submit_as(&self, kind: ConflictKind, outcome: Outcome, at: Instant, waited: Option<Duration>) {
        match self.detect(kind) {
            Verdict::First(number) => report::submit(number, self.observation(kind, outcome, at, waited)),
            Verdict::Repeat { .. } => self.withdraw(),
        }
    }

    fn withdraw(&self) {
        if let Some(inquiry) = &self.inquiry {
            inquiry.withdraw();
        }
    }

    /// Ends the access by a panic, or the process by an abort.
    #[track_caller]
    pub(super) fn raise(&self, attempt: Attempt, kind: ConflictKind, at: Instant) -> ! {
        let abort = self.mode == Mode::Abort;
        let outcome = if abort { Outcome::Aborted } else { Outcome::Panicked };
        let conflict = self.conflict(kind);
        let message = match self.detect(kind) {
            Verdict::First(number) => {
                let waited = (kind == ConflictKind::Deadlock).then(|| at.elapsed());
                report::raise(number, self.observation(kind, outcome, at, waited)).to_string()
            }
            Verdict::Repeat { number, nth } => {
                self.withdraw();
                format!("{conflict} (time {nth} since report {number}, which has the stacks)")
            }
        };
        drop(attempt);
        if abort {
            hunt::save_plan();
            let _ = report::flush(LAST_WORDS);
            // The report itself has gone to the sinks. A closed stderr must not turn the abort into a panic.
            let _ = writeln!(std::io::stderr(), "checkedmap: aborting the process, as its mode asks: {conflict}");
            std::process::abort();
        }
        panic!("{message}");
    }
}
