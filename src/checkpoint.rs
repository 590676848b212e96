//! One collection's way in: its gate, and what follows a refusal.
//!
//! A [`Checkpoint`] is what a cell or a map holds beside its contents. [`Checkpoint::enter`] is the fast path; everything
//! after a refusal is cold: naming both sides, the evidence, the report, and then what the [`Mode`] says.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::access::{Access, AccessKind, Operation, Site};
use crate::config::{self, Backtrace};
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::conflict::trace::{Missing, Moment, RawTrace, Stack};
use crate::conflict::{Conflict, ConflictKind, Facts, Party, Subject, ThreadInfo, wait_for};
use crate::context;
use crate::gate::{Gate, Hold, Refusal, Regime, Wait};
use crate::ledger::current::{self, REGISTRY};
use crate::ledger::{Ledger, Open, Sighting, Tenancy};
use crate::observe::{self, INHERIT, Registered, Vitals};
use crate::policy::{Circuit, Mode};
use crate::report::{self, HolderEvidence, Observation, Outcome, Verdict};
use crate::sync::Ordering;

/// How long `abort` mode waits for the sinks before the process ends.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How often a waiting access looks whether its holder's thread has ended, where stuck waits are not reported.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// See the module's page.
pub(crate) struct Checkpoint {
    gate: Gate,
    /// In use while the collection has no name.
    vitals: Vitals,
    /// In use instead once it has one, shared with those who [observe](crate::observe) the process.
    registered: Option<Arc<Registered>>,
    name: Option<Cow<'static, str>>,
    created: Site,
    type_name: fn() -> &'static str,
}

/// Proof of having been admitted; dropping it leaves the gate.
pub(crate) struct Permit<'a> {
    checkpoint: &'a Checkpoint,
    open: Open,
    hold: Hold,
    kind: AccessKind,
    /// The stack of entry is kept in the ledger.
    traced: bool,
    /// A permit stays on its thread: reports name that thread, and the degraded lock is the thread's.
    stays: PhantomData<*const ()>,
}

/// Which access changed a collection last, in plain words that outlive it.
#[derive(Clone, Copy)]
pub(crate) struct Trail {
    ledger: u32,
    sequence: u64,
    access: Access,
}

impl<'a> Permit<'a> {
    /// Another read of the same collection, by the calling thread, which need not be the one that holds this permit.
    #[track_caller]
    pub(crate) fn read_again(&self, operation: Operation) -> Permit<'a> {
        self.checkpoint.enter(operation)
    }

    /// The trail this access leaves.
    #[inline]
    pub(crate) fn trail(&self, access: Access) -> Trail {
        Trail { ledger: self.open.ledger.number(), sequence: self.open.sequence, access }
    }
}

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        let entry_trace = if self.traced { self.open.ledger.forget_entry_trace(self.open.sequence) } else { None };
        self.checkpoint.gate.leave(self.open, self.hold, self.kind, leaving);
        drop(entry_trace);
    }
}

/// A published access that is not admitted yet. Dropping it takes it back.
struct Attempt {
    open: Open,
    access: Access,
    traced: bool,
}

impl Attempt {
    fn begin(gate: u64, access: Access) -> Self {
        let open = current::open(gate, access);
        let traced = config::backtrace() == Backtrace::Always;
        if traced {
            open.ledger.keep_entry_trace(open.sequence, RawTrace::capture());
        }
        Self { open, access, traced }
    }

    fn admitted(self, checkpoint: &Checkpoint, hold: Hold) -> Permit<'_> {
        let Self { open, access, traced } = self;
        std::mem::forget(self);
        Permit { checkpoint, open, hold, kind: access.kind(), traced, stays: PhantomData }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.traced {
            self.open.ledger.forget_entry_trace(self.open.sequence);
        }
        self.open.close();
    }
}

/// What a holder hands over as it leaves.
#[cold]
fn leaving() -> Answer {
    let trace = (config::backtrace() != Backtrace::Off).then(RawTrace::capture);
    Answer { trace, left: SystemTime::now(), context: context::current() }
}

/// What the caller wants done about a refusal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Insistence {
    /// Whatever the mode says.
    Enter,
    /// Hand the conflict back.
    Try,
}

impl Checkpoint {
    pub(crate) const fn new(type_name: fn() -> &'static str, created: Site) -> Self {
        Self { gate: Gate::new(), vitals: Vitals::new(), registered: None, name: None, created, type_name }
    }

    pub(crate) fn set_name(&mut self, name: Cow<'static, str>) {
        let mode = self.own_mode();
        let id = self.gate.identity();
        self.registered = Some(Registered::new(id, name.clone(), (self.type_name)(), self.created));
        self.name = Some(name);
        self.set_mode(mode);
    }

    fn vitals(&self) -> &Vitals {
        self.registered.as_ref().map_or(&self.vitals, |registered| &registered.vitals)
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The mode in force: the collection's own, else the one configured for its name, else the process's.
    pub(crate) fn mode(&self) -> Mode {
        self.own_mode().unwrap_or_else(|| config::mode_for(self.name()))
    }

    /// The collection's own mode; `None` where it follows the configuration.
    pub(crate) fn own_mode(&self) -> Option<Mode> {
        self.vitals().own_mode()
    }

    /// Sets the collection's own mode, or with `None` lets it follow the configuration again.
    pub(crate) fn set_mode(&self, mode: Option<Mode>) {
        // Relaxed: a setting; it orders nothing.
        self.vitals().mode.store(mode.map_or(INHERIT, |mode| mode as u32), Ordering::Relaxed);
    }

    pub(crate) fn circuit(&self) -> Circuit {
        self.vitals().breaker.circuit(self.gate.regime() == Regime::Degraded, Instant::now())
    }

    /// How often the circuit has opened.
    pub(crate) fn trips(&self) -> u32 {
        self.vitals().breaker.trips()
    }

    /// What reports call this collection.
    #[cold]
    pub(crate) fn subject(&self) -> Subject {
        Subject {
            id: self.gate.identity(),
            name: self.name.clone(),
            type_name: (self.type_name)(),
            created: self.created,
        }
    }

    /// Lets the caller in, or does what the mode says.
    ///
    /// # Panics
    ///
    /// On a conflict in `panic` mode; on a re-entrant conflict or a wait cycle in every mode.
    #[inline]
    #[track_caller]
    pub(crate) fn enter(&self, operation: Operation) -> Permit<'_> {
        self.enter_as(Access::here(operation))
    }

    /// [`Checkpoint::enter`] for an access whose site is known.
    #[inline]
    #[track_caller]
    pub(crate) fn enter_as(&self, access: Access) -> Permit<'_> {
        match self.begin(access) {
            Ok(permit) => permit,
            Err((attempt, refusal)) => match self.refused(attempt, refusal, Insistence::Enter) {
                Ok(permit) => permit,
                Err(_) => unreachable!("only a `try_` access is handed its conflict"),
            },
        }
    }

    /// Lets the caller in, or says what is in the way. Does not wait.
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub(crate) fn try_enter(&self, operation: Operation) -> Result<Permit<'_>, Conflict> {
        match self.begin(Access::here(operation)) {
            Ok(permit) => Ok(permit),
            Err((attempt, refusal)) => self.refused(attempt, refusal, Insistence::Try),
        }
    }

    /// Lets the caller in if the way is free. A refusal is no conflict: nobody is told, and the holder is not asked.
    #[track_caller]
    pub(crate) fn peek(&self, operation: Operation) -> Option<Permit<'_>> {
        match self.begin(Access::here(operation)) {
            Ok(permit) => Some(permit),
            Err((_, refusal)) => {
                if let Some(inquiry) = refusal.inquiry {
                    inquiry.withdraw();
                }
                None
            }
        }
    }

    #[inline]
    fn begin(&self, access: Access) -> Result<Permit<'_>, (Attempt, Refusal)> {
        let attempt = Attempt::begin(self.gate.identity(), access);
        if self.gate.regime() == Regime::Degraded {
            self.recover_if_due();
        }
        match self.gate.try_enter(&REGISTRY, attempt.open, access.kind()) {
            Ok(hold) => Ok(attempt.admitted(self, hold)),
            Err(refusal) => Err((attempt, refusal)),
        }
    }

    /// Tries the counted regime again once the quiet period has passed, or where nobody asked for a fallback any more.
    #[cold]
    fn recover_if_due(&self) {
        let now = Instant::now();
        let vitals = self.vitals();
        if (vitals.breaker.is_due(now) || self.mode() != Mode::Fallback)
            && vitals.turn(false, || self.gate.try_recover())
        {
            vitals.breaker.half_open(now, config::recover());
        }
    }

    /// Everything after a refusal.
    #[cold]
    #[track_caller]
    fn refused(&self, attempt: Attempt, refusal: Refusal, insistence: Insistence) -> Result<Permit<'_>, Conflict> {
        let now = Instant::now();
        if crate::fork::has_forked() && self.gate.forgive_lost(&REGISTRY) {
            // What was in the way belonged to a thread of the parent process.
            return match self.gate.try_enter(&REGISTRY, attempt.open, attempt.access.kind()) {
                Ok(hold) => Ok(attempt.admitted(self, hold)),
                Err(refusal) => self.refused(attempt, refusal, insistence),
            };
        }
        let encounter = Encounter::new(self, &attempt, refusal);
        if encounter.is_reentrant() {
            return self.impossible(attempt, encounter, ConflictKind::Reentrant, now, insistence);
        }
        let ordered = encounter.regime == Regime::Degraded;
        match (insistence, encounter.mode) {
            // The lock puts degraded accesses in order; the conflict that degraded the gate has been reported.
            (Insistence::Try, _) if ordered => Err(encounter.conflict(encounter.overlap())),
            (Insistence::Enter, _) if ordered => {
                self.vitals().breaker.disturb(now, config::recover());
                Ok(self.wait_turn(attempt, encounter, now))
            }
            (Insistence::Try, _) => {
                encounter.submit(Outcome::Returned, now);
                Err(encounter.conflict(encounter.overlap()))
            }
            (Insistence::Enter, Mode::Log) => {
                encounter.submit(Outcome::Waited, now);
                Ok(self.wait_turn(attempt, encounter, now))
            }
            (Insistence::Enter, Mode::Fallback) => {
                encounter.submit(Outcome::Degraded, now);
                let vitals = self.vitals();
                if vitals.turn(true, || self.gate.degrade()) {
                    vitals.breaker.trip(now, config::recover());
                }
                Ok(self.wait_turn(attempt, encounter, now))
            }
            (Insistence::Enter, Mode::Panic | Mode::Abort) => encounter.raise(attempt, encounter.overlap(), now),
        }
    }

    /// A refusal that no waiting can end.
    #[track_caller]
    fn impossible(
        &self,
        attempt: Attempt,
        encounter: Encounter<'_>,
        kind: ConflictKind,
        now: Instant,
        insistence: Insistence,
    ) -> Result<Permit<'_>, Conflict> {
        if insistence == Insistence::Try {
            encounter.submit_as(kind, Outcome::Returned, now, None);
            return Err(encounter.conflict(kind));
        }
        encounter.raise(attempt, kind, now)
    }

    /// Panics, in every mode: somebody wrote, as `trail` tells, while `access` had the collection borrowed between two of
    /// its steps. There is no turn to wait for, since what `access` points to is gone.
    #[cold]
    #[track_caller]
    pub(crate) fn overrun(&self, access: Access, trail: Option<Trail>) -> ! {
        let attempt = Attempt::begin(self.gate.identity(), access);
        let refusal = Refusal { holder: None, inquiry: None, regime: Regime::Counted };
        let mut encounter = Encounter::new(self, &attempt, refusal);
        encounter.holder_party = trail.map(|trail| {
            let ledger = REGISTRY.find(trail.ledger).filter(|ledger| ledger.is_of_current_owner(trail.sequence));
            let gone = || ThreadInfo { id: 0, name: None, ended: true };
            Party { access: trail.access, thread: ledger.map_or_else(gone, Ledger::thread_info) }
        });
        let kind = encounter.overlap();
        encounter.raise(attempt, kind, Instant::now())
    }

    /// Counts a wait that has ended.
    fn note_wait(&self, encounter: &Encounter<'_>, waited: Duration) {
        self.vitals().count_wait(waited);
        let Subject { name, created, .. } = &encounter.subject;
        let label = || name.as_deref().map_or_else(|| created.to_string(), str::to_owned);
        observe::keep_wait(encounter.overlap(), waited, label);
    }

    /// Waits until the access is admitted. Reports a wait that takes long; panics where it cannot end.
    #[track_caller]
    fn wait_turn(&self, attempt: Attempt, mut encounter: Encounter<'_>, began: Instant) -> Permit<'_> {
        let kind = attempt.access.kind();
        let mut patience = config::stuck();
        loop {
            if let Some(circle) = wait_for::begin(&REGISTRY, self.gate.identity(), attempt.open) {
                encounter.meet(circle[0], &circle);
                encounter.raise(attempt, ConflictKind::Deadlock, began);
            }
            let pause = if patience.is_zero() { LOOK_AGAIN } else { patience };
            let began_pause = if patience.is_zero() { Instant::now() } else { began };
            match self.gate.wait(attempt.open, kind, began_pause + pause) {
                Wait::Admitted(hold) => {
                    if let Some(inquiry) = &encounter.inquiry {
                        inquiry.set_admitted(Instant::now());
                    }
                    self.note_wait(&encounter, began.elapsed());
                    return attempt.admitted(self, hold);
                }
                Wait::TimedOut => {
                    let holder = self
                        .gate
                        .holders(&REGISTRY, attempt.open)
                        .find(|holder| wait_for::exclude(holder.entry.access.kind(), kind));
                    if let Some(holder) = holder {
                        encounter.meet(holder, &[]);
                        if matches!(holder.ledger.tenancy(), Tenancy::Ended | Tenancy::Lost) {
                            encounter.raise(attempt, encounter.overlap(), began);
                        }
                    }
                    if !patience.is_zero() {
                        encounter.submit_as(ConflictKind::StuckWait, Outcome::Waited, began, Some(began.elapsed()));
                        patience *= 2;
                    }
                }
            }
        }
    }
}

/// One refused access and what is known of who refused it.
struct Encounter<'a> {
    vitals: &'a Vitals,
    subject: Subject,
    mode: Mode,
    regime: Regime,
    access: Access,
    contender: ThreadInfo,
    ledger: u32,
    holder: Option<Sighting>,
    holder_party: Option<Party>,
    /// For a wait cycle: the accesses on it, holder and waiter in turn.
    chain: Vec<Party>,
    inquiry: Option<Arc<Inquiry>>,
}

fn party(seen: &Sighting) -> Party {
    Party { access: seen.entry.access, thread: seen.ledger.thread_info() }
}

impl<'a> Encounter<'a> {
    fn new(checkpoint: &'a Checkpoint, attempt: &Attempt, refusal: Refusal) -> Self {
        let mode = checkpoint.mode();
        // A panic while panicking would end the process before anyone reads the report.
        let mode = if mode == Mode::Panic && std::thread::panicking() { Mode::Log } else { mode };
        Self {
            vitals: checkpoint.vitals(),
            subject: checkpoint.subject(),
            mode,
            regime: refusal.regime,
            access: attempt.access,
            contender: attempt.open.ledger.thread_info_of_caller(),
            ledger: attempt.open.ledger.number(),
            holder_party: refusal.holder.as_ref().map(party),
            holder: refusal.holder,
            chain: Vec::new(),
            inquiry: refusal.inquiry,
        }
    }

    /// Names another holder than the one that refused the access first.
    fn meet(&mut self, holder: Sighting, chain: &[Sighting]) {
        self.holder_party = Some(party(&holder));
        self.holder = Some(holder);
        self.chain = chain.iter().map(party).collect();
        self.inquiry = None;
    }

    /// Whether the holder is this very thread, so that waiting would never end. A thread past its thread-local
    /// destructors has a ledger per access, hence the second look.
    fn is_reentrant(&self) -> bool {
        self.holder.is_some_and(|holder| {
            holder.ledger.number() == self.ledger || holder.ledger.thread_id() == self.contender.id()
        })
    }

    fn overlap(&self) -> ConflictKind {
        match &self.holder_party {
            Some(holder) => ConflictKind::of_overlap(self.access, holder.access),
            None if self.access.kind() == AccessKind::Write => ConflictKind::WriteWrite,
            None => ConflictKind::ReadWrite,
        }
    }

    fn conflict(&self, kind: ConflictKind) -> Conflict {
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
        } else if matches!(holder.ledger.tenancy(), Tenancy::Ended | Tenancy::Lost) {
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

    fn submit(&self, outcome: Outcome, at: Instant) {
        self.submit_as(self.overlap(), outcome, at, None);
    }

    /// Counts the conflict and, if it is news, hands it to the reporter.
    fn submit_as(&self, kind: ConflictKind, outcome: Outcome, at: Instant, waited: Option<Duration>) {
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
    fn raise(&self, attempt: Attempt, kind: ConflictKind, at: Instant) -> ! {
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
            let _ = report::flush(LAST_WORDS);
            // The report itself has gone to the sinks.
            eprintln!("checkedmap: aborting the process, as its mode asks: {conflict}");
            std::process::abort();
        }
        panic!("{message}");
    }
}
