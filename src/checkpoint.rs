//! One collection's way in: its gate, and what follows a refusal.
//!
//! A [`Checkpoint`] is what a cell or a map holds beside its contents. [`Checkpoint::enter`] is the fast path; everything
//! after a refusal is cold: naming both sides, the evidence, the report, and then what the [`Mode`] says.

use std::borrow::Cow;
use std::io::Write;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::access::{Access, AccessKind, Operation, Site};
use crate::clock;
use crate::config::{self, Backtrace};
use crate::conflict::inquiry::{Answer, Inquiry};
use crate::conflict::trace::{Missing, Moment, RawTrace, Stack};
use crate::conflict::{Conflict, ConflictKind, Facts, Party, Subject, ThreadInfo, wait_for};
use crate::context;
use crate::gate::{Gate, Hold, Manner, Refusal, Regime, Wait};
use crate::hunt;
use crate::ledger::current::{self, REGISTRY};
use crate::ledger::{Ledger, Open, Phase, Sighting, Slot, Tenancy};
use crate::observe::{self, INHERIT, Registered, Vitals};
use crate::policy::{Circuit, Mode};
use crate::report::{self, HolderEvidence, Observation, Outcome, Verdict};
use crate::stale::{Act, Seen, Suspect};
use crate::sync::Ordering;

/// How long `abort` mode waits for the sinks before the process ends.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How long an access waits at a degraded collection's lock before it looks whom it waits for.
const SHORT_WAIT: Duration = Duration::from_millis(1);

/// How often a waiting access looks whether its holder's thread has ended, where stuck waits are not reported.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// See the module's page.
pub(crate) struct Checkpoint {
    gate: Gate,
    /// In use while the collection has no name.
    vitals: Vitals,
    /// In use instead once it has one, shared with those who [`observe`] the process.
    registered: Option<Arc<Registered>>,
    name: Option<Cow<'static, str>>,
    created: Site,
    type_name: fn() -> &'static str,
}

/// Proof of having been admitted; dropping it leaves the gate.
pub(crate) struct Permit<'a> {
    checkpoint: &'a Checkpoint,
    admission: Admission,
    /// A permit stays on its thread: reports name that thread, and the degraded lock is the thread's.
    stays: PhantomData<*const ()>,
}

/// What a permit knows of its access, in two whole words: it travels in registers, and guards are moved about without a
/// load that is wider than the store before it.
#[derive(Clone, Copy)]
struct Admission {
    slot: &'static Slot,
    /// [`AT_ONCE`], or the [`Hold`], [`TRACED`] and [`WATCHED`].
    how: usize,
}

/// Inside at one look, with nothing else to see to on the way out.
const AT_ONCE: usize = 0;
/// The stack of entry is kept in the ledger.
const TRACED: usize = 1 << 8;

/// What the access does to which key is remembered, for stale checks.
const WATCHED: usize = 1 << 9;

/// The bits of the hold.
const HOLD: usize = TRACED - 1;

impl Admission {
    #[inline]
    fn at_once(open: Open) -> Self {
        Self { slot: open.slot(), how: AT_ONCE }
    }

    fn new(open: Open, hold: Hold, traced: bool) -> Self {
        Self { slot: open.slot(), how: hold as usize | if traced { TRACED } else { 0 } }
    }

    #[inline]
    fn is_at_once(self) -> bool {
        self.how == AT_ONCE
    }

    fn hold(self) -> Hold {
        match self.how & HOLD {
            1 => Hold::Published,
            2 => Hold::Counted,
            _ => Hold::Locked,
        }
    }

    fn is_traced(self) -> bool {
        self.how & TRACED != 0
    }

    #[inline]
    fn is_watched(self) -> bool {
        self.how & WATCHED != 0
    }
}

/// Which access changed a collection last, in plain words that outlive it.
#[derive(Clone, Copy)]
pub(crate) struct Trail {
    open: Open,
    site: Site,
}

impl Trail {
    /// The access that left it.
    #[inline]
    pub(crate) fn open(self) -> Open {
        self.open
    }

    fn party(self) -> Party {
        let (ledger, access) = (self.open.ledger(), Access::new(self.open.operation(), self.site));
        let thread = if ledger.is_of_current_owner(self.open.sequence()) {
            ledger.thread_info()
        } else {
            ThreadInfo { id: 0, name: None, ended: true }
        };
        Party { access, thread }
    }
}

impl<'a> Permit<'a> {
    /// Another read of the same collection, by the calling thread, which need not be the one that holds this permit.
    #[track_caller]
    pub(crate) fn read_again(&self, operation: Operation) -> Permit<'a> {
        let access = Access::here(operation);
        match self.checkpoint.begin(None, access, Manner::BesideRead) {
            Ok(admission) => self.checkpoint.permit(admission),
            Err(_) => unreachable!("no write is inside, or waits for the lock's sake, while this permit's read is"),
        }
    }

    /// Who is to be told what the access does, if anybody.
    #[inline]
    fn watcher(&self, access: Access) -> Option<Watcher<'a>> {
        self.admission.is_watched().then_some(Watcher { checkpoint: self.checkpoint, access })
    }

    /// The trail this access leaves.
    #[inline]
    pub(crate) fn trail(&self, site: Site) -> Trail {
        Trail { open: Open::in_slot(self.admission.slot), site }
    }
}

/// Whom an access that is watched for stale checks tells what it does. It is no permit, so that the permit's address need
/// not be passed on: one whose address is could not stay in registers.
#[derive(Clone, Copy)]
pub(crate) struct Watcher<'a> {
    checkpoint: &'a Checkpoint,
    access: Access,
}

impl Watcher<'_> {
    /// Remembers what a lookup of a key found. The caller is inside.
    pub(crate) fn saw(self, hash: u64, seen: Seen) {
        self.checkpoint.vitals().watch.look(hash, seen, self.access);
    }

    /// Remembers what the access does to a key, and says what is suspect of it. The caller is inside.
    pub(crate) fn did(self, hash: u64, act: Act) -> Option<Suspect> {
        self.checkpoint.vitals().watch.act(hash, act, self.access, || self.checkpoint.subject())
    }
}

impl Drop for Permit<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.admission.is_at_once() {
            self.checkpoint.gate.leave_alone(self.admission.slot, evidence);
        } else {
            self.checkpoint.leave(self.admission);
        }
    }
}

/// A published access that is not admitted yet. Dropping it takes it back.
struct Attempt {
    open: Open,
    access: Access,
    traced: bool,
    watched: bool,
}

impl Attempt {
    fn begin(open: Open, access: Access, watched: bool) -> Self {
        let traced = config::backtrace() == Backtrace::Always;
        if traced {
            open.ledger().keep_entry_trace(open.sequence(), RawTrace::capture());
        }
        Self { open, access, traced, watched }
    }

    fn admitted(self, hold: Hold) -> Admission {
        let mut admission = Admission::new(self.open, hold, self.traced);
        if self.watched {
            admission.how |= WATCHED;
        }
        std::mem::forget(self);
        admission
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.traced {
            self.open.ledger().forget_entry_trace(self.open.sequence());
        }
        current::close(self.open);
    }
}

/// What a holder hands over as it leaves.
#[cold]
fn evidence() -> Answer {
    // Before the walk, which takes milliseconds the first time in a process.
    let left = SystemTime::now();
    let trace = (config::backtrace() != Backtrace::Off).then(RawTrace::capture);
    Answer { trace, left, context: context::current() }
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
        let (mode, hunt, stale_checks) = (self.own_mode(), self.own_hunt(), self.own_stale_checks());
        self.set_hunt(None);
        self.set_stale_checks(None);
        let id = self.gate.identity();
        self.registered = Some(Registered::new(id, name.clone(), (self.type_name)(), self.created));
        self.name = Some(name);
        self.set_mode(mode);
        self.set_stale_checks(stale_checks);
        self.set_hunt(hunt);
    }

    /// The collection's own word on whether accesses by key are remembered; `None` where it follows the configuration.
    pub(crate) fn own_stale_checks(&self) -> Option<bool> {
        self.vitals().watch.own()
    }

    /// Whether accesses by key are remembered.
    pub(crate) fn stale_checks(&self) -> bool {
        self.vitals().watch.is_on(self.name())
    }

    /// Sets whether accesses by key are remembered, or with `None` lets the collection follow the configuration again.
    pub(crate) fn set_stale_checks(&self, on: Option<bool>) {
        self.vitals().watch.set_own(on);
    }

    #[cfg(test)]
    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
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

    /// The collection's own word on whether it is hunted in; `None` where it follows the configuration.
    pub(crate) fn own_hunt(&self) -> Option<bool> {
        self.vitals().hunt.get()
    }

    pub(crate) fn set_hunt(&self, hunt: Option<bool>) {
        self.vitals().hunt.set(hunt);
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
        let admission = match self.enter_at_once(access) {
            Ok(admission) => admission,
            Err(published) => self.enter_slow(published, access),
        };
        self.permit(admission)
    }

    /// [`Checkpoint::enter_as`] for an access by key, which tells the watcher what it finds, if there is one. It does so
    /// on the slow way, which all accesses take that are watched: the fast one has nothing to ask. What is `carried`
    /// goes through `tell` by value: a key whose address is passed on could not stay in registers either.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn enter_telling<T>(
        &self,
        access: Access,
        carried: T,
        tell: impl FnOnce(Watcher<'_>, T) -> T,
    ) -> (Permit<'_>, T) {
        match self.enter_at_once(access) {
            Ok(admission) => (self.permit(admission), carried),
            Err(published) => {
                let permit = self.permit(self.enter_slow(published, access));
                let carried = match permit.watcher(access) {
                    Some(watcher) => tell(watcher, carried),
                    None => carried,
                };
                (permit, carried)
            }
        }
    }

    /// [`Checkpoint::enter_telling`] for a lookup, which carries nothing.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn enter_looking(&self, access: Access, tell: impl FnOnce(Watcher<'_>)) -> Permit<'_> {
        self.enter_telling(access, (), |watcher, ()| tell(watcher)).0
    }

    #[inline]
    fn permit(&self, admission: Admission) -> Permit<'_> {
        Permit { checkpoint: self, admission, stays: PhantomData }
    }

    #[cold]
    #[track_caller]
    fn enter_slow(&self, published: Option<&'static Slot>, access: Access) -> Admission {
        match self.enter_alone(published, access.kind()) {
            Some(admission) => admission,
            None => self.insist(published, access),
        }
    }

    /// [`Checkpoint::enter_as`] for the access that ends the collection, and whether it met somebody. Where it did, they may
    /// still look at the gate on the way out, so the gate must stay where it is.
    #[track_caller]
    pub(crate) fn enter_last(&self, access: Access) -> (Permit<'_>, bool) {
        let own = current::ledger().map_or(0, Ledger::number);
        let met = !self.gate.is_deserted(&REGISTRY, own);
        (self.permit(self.insist(None, access)), met)
    }

    /// The way in that ends inside.
    #[track_caller]
    fn insist(&self, published: Option<&'static Slot>, access: Access) -> Admission {
        let admission = match self.begin(published, access, Manner::Patient) {
            Ok(admission) => admission,
            Err((attempt, refusal)) => match self.refused(attempt, refusal, Insistence::Enter) {
                Ok(admission) => admission,
                Err(_) => unreachable!("only a `try_` access is handed its conflict"),
            },
        };
        self.note_whole(admission, access);
        admission
    }

    /// For stale checks: an access to the whole map may be one that shows its caller, or changes, any key.
    fn note_whole(&self, admission: Admission, access: Access) {
        if admission.is_watched() {
            self.vitals().watch.whole(access);
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
        let access = Access::here(operation);
        let admission = match self.enter_at_once(access) {
            Ok(admission) => admission,
            Err(published) => self.try_enter_slow(published, access)?,
        };
        Ok(self.permit(admission))
    }

    /// [`Checkpoint::try_enter`] as [`Checkpoint::enter_telling`].
    ///
    /// # Errors
    ///
    /// The conflict, in every mode.
    #[inline]
    #[track_caller]
    pub(crate) fn try_enter_telling<T: Default>(
        &self,
        access: Access,
        tell: impl FnOnce(Watcher<'_>) -> T,
    ) -> Result<(Permit<'_>, T), Conflict> {
        match self.enter_at_once(access) {
            Ok(admission) => Ok((self.permit(admission), T::default())),
            Err(published) => {
                let permit = self.permit(self.try_enter_slow(published, access)?);
                let told = permit.watcher(access).map(tell).unwrap_or_default();
                Ok((permit, told))
            }
        }
    }

    #[cold]
    #[track_caller]
    fn try_enter_slow(&self, published: Option<&'static Slot>, access: Access) -> Result<Admission, Conflict> {
        if let Some(admission) = self.enter_alone(published, access.kind()) {
            return Ok(admission);
        }
        let admission = match self.begin(published, access, Manner::Prompt) {
            Ok(admission) => admission,
            Err((attempt, refusal)) => self.refused(attempt, refusal, Insistence::Try)?,
        };
        self.note_whole(admission, access);
        Ok(admission)
    }

    /// Lets the caller in if the way is free. A refusal is no conflict: nobody is told, and the holder is not asked.
    #[track_caller]
    pub(crate) fn peek(&self, operation: Operation) -> Option<Permit<'_>> {
        let access = Access::here(operation);
        match self.begin(None, access, Manner::Prompt) {
            Ok(admission) => Some(self.permit(admission)),
            Err((_, refusal)) => {
                if let Some(inquiry) = refusal.inquiry {
                    inquiry.withdraw();
                }
                None
            }
        }
    }

    /// The fast path: lets the caller in where one look says so. All that user code is compiled with. Otherwise the
    /// slot in which the access has been published, if it has, for [`Checkpoint::begin`] to go on with.
    #[inline]
    fn enter_at_once(&self, access: Access) -> Result<Admission, Option<&'static Slot>> {
        let identity = self.gate.known_identity();
        let (ledger, open) = current::open_alone(identity, access).ok_or(None)?;
        if self.gate.lends_at_once(identity, access.kind(), ledger) {
            Ok(Admission::at_once(open))
        } else {
            Err(Some(open.slot()))
        }
    }

    /// The way in by the count or the lock, for the only open access of its thread. `None` if that takes more than a few steps:
    /// the access then goes on with [`Checkpoint::begin`].
    #[inline]
    fn enter_alone(&self, published: Option<&'static Slot>, kind: AccessKind) -> Option<Admission> {
        let open = Open::in_slot(published?);
        if !open.is_at(self.gate.known_identity()) || !open.ledger().wears_badge() {
            return None;
        }
        let hold = if self.gate.regime() == Regime::Degraded {
            self.recover_if_due();
            self.gate.try_enter_locked(open, kind, evidence).then_some(Hold::Locked)
        } else {
            self.gate.try_enter_free(open, kind)
        };
        hold.map(|hold| Admission::new(open, hold, false))
    }

    /// The whole way in, for an access that may have been published already.
    fn begin(
        &self,
        published: Option<&'static Slot>,
        access: Access,
        manner: Manner,
    ) -> Result<Admission, (Attempt, Refusal)> {
        let watched = config::watches_some() && self.stale_checks();
        let attempt = Attempt::begin(self.open(published, access), access, watched);
        if self.gate.regime() == Regime::Degraded {
            self.recover_if_due();
            let tried = published.is_some() && attempt.open.ledger().wears_badge();
            if let Some(hold) = self.wait_shortly(&attempt, tried, manner) {
                return Ok(attempt.admitted(hold));
            }
        }
        match self.gate.try_enter(&REGISTRY, attempt.open, access.kind(), manner, evidence) {
            Ok(hold) => {
                if hunt::is_on() {
                    self.watch(attempt.open, access, hold, manner);
                }
                Ok(attempt.admitted(hold))
            }
            Err(refusal) => {
                // Whether or not anything is hunted now: a delay may be older than that.
                hunt::refused();
                Err((attempt, refusal))
            }
        }
    }

    /// The access that has been published in the slot, or else published now.
    fn open(&self, published: Option<&'static Slot>, access: Access) -> Open {
        let identity = self.gate.identity();
        if let Some(open) = published.map(Open::in_slot) {
            if open.is_at(identity) {
                return open;
            }
            // The gate had no number yet, so nobody has looked for this access.
            current::close(open);
        }
        current::open(identity, access)
    }

    /// Shows an access that was admitted to the hunt, which may keep it inside for a moment.
    #[cold]
    fn watch(&self, open: Open, access: Access, hold: Hold, manner: Manner) {
        hunt::inside(&hunt::Inside {
            gate: &self.gate,
            made: self.created,
            name: self.name(),
            own: &self.vitals().hunt,
            access,
            hold,
            may_wait: manner == Manner::Patient && open.is_alone(),
        });
    }

    /// Lets a permit out that is no plain one. Its words, not its address, so that the permit can stay in registers.
    #[inline(never)]
    fn leave(&self, admission: Admission) {
        let open = Open::in_slot(admission.slot);
        if admission.is_traced() {
            open.ledger().forget_entry_trace(open.sequence());
        }
        self.gate.leave(open, admission.hold(), evidence);
        current::closed(open);
    }

    /// Waits for a moment, if need be, at the lock of a degraded gate, with the only open access of its thread, which may have
    /// tried the lock before. `None` where the gate is not degraded any more, or the lock is not to be had so soon.
    fn wait_shortly(&self, attempt: &Attempt, tried: bool, manner: Manner) -> Option<Hold> {
        if !attempt.open.is_alone() || manner != Manner::Patient {
            return None;
        }
        if !tried && self.gate.try_enter_locked(attempt.open, attempt.access.kind(), evidence) {
            return Some(Hold::Locked);
        }
        let began = Instant::now();
        self.vitals().breaker.disturb(began, config::recover());
        self.gate.wait_locked(attempt.open, attempt.access.kind(), began + SHORT_WAIT, evidence).then(|| {
            self.vitals().count_wait(began.elapsed());
            Hold::Locked
        })
    }

    /// Tries the counted regime again once the quiet period has passed, or where nobody asked for a fallback any more.
    fn recover_if_due(&self) {
        if self.vitals().breaker.is_first_look(clock::tick()) {
            self.recover_if_due_now();
        }
    }

    #[cold]
    fn recover_if_due_now(&self) {
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
    fn refused(&self, attempt: Attempt, refusal: Refusal, insistence: Insistence) -> Result<Admission, Conflict> {
        let now = Instant::now();
        let kind = attempt.access.kind();
        if crate::fork::has_forked() && self.gate.forgive_lost(&REGISTRY) {
            // What was in the way belonged to a thread of the parent process.
            return match self.gate.try_enter_slow(&REGISTRY, attempt.open, kind, Manner::Prompt, evidence) {
                Ok(hold) => Ok(attempt.admitted(hold)),
                Err(refusal) => self.refused(attempt, refusal, insistence),
            };
        }
        let ordered = refusal.regime == Regime::Degraded;
        if ordered {
            self.vitals().breaker.disturb(now, config::recover());
            let by_itself = refusal.holder.is_some_and(|holder| std::ptr::eq(holder.ledger, attempt.open.ledger()));
            // Most waits at the lock are short, and need none of what follows. Who is alone has waited so long already.
            if insistence == Insistence::Enter
                && !by_itself
                && !attempt.open.is_alone()
                && let Wait::Admitted(hold) =
                    self.gate.wait(&REGISTRY, attempt.open, kind, Manner::Patient, now + SHORT_WAIT, evidence)
            {
                self.vitals().count_wait(now.elapsed());
                return Ok(attempt.admitted(hold));
            }
        }
        let encounter = Encounter::new(self, &attempt, refusal);
        if encounter.is_reentrant() {
            return self.impossible(attempt, encounter, ConflictKind::Reentrant, now, insistence);
        }
        match (insistence, encounter.mode) {
            // The lock puts degraded accesses in order; the conflict that degraded the gate has been reported.
            (Insistence::Try, _) if ordered => Err(encounter.conflict(encounter.overlap())),
            (Insistence::Enter, _) if ordered => Ok(self.wait_turn(attempt, encounter, now)),
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
                let on_probation = vitals.breaker.is_on_probation(now);
                vitals.breaker.disturb(now, config::recover());
                if vitals.turn(true, || self.gate.degrade(&REGISTRY)) {
                    vitals.breaker.trip(now, config::recover(), on_probation);
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
    ) -> Result<Admission, Conflict> {
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
        let attempt = Attempt::begin(current::open(self.gate.identity(), access), access, false);
        // It takes milliseconds until it goes, and does not ask to come in.
        self.gate.retract(attempt.open, Phase::Asking, evidence);
        let refusal = Refusal { holder: None, inquiry: None, regime: Regime::Counted };
        let mut encounter = Encounter::new(self, &attempt, refusal);
        encounter.holder_party = trail.map(Trail::party);
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
    fn wait_turn(&self, attempt: Attempt, mut encounter: Encounter<'_>, began: Instant) -> Admission {
        let kind = attempt.access.kind();
        let mut patience = config::stuck();
        // A write that waits for ever, for a guard that was leaked, must not slow the readers down for ever.
        let mut manner = Manner::Patient;
        loop {
            if let Some(circle) = wait_for::begin(&REGISTRY, self.gate.identity(), kind, attempt.open) {
                encounter.meet(Some(circle[0]), &circle);
                encounter.raise(attempt, ConflictKind::Deadlock, began);
            }
            let pause = if patience.is_zero() { LOOK_AGAIN } else { patience };
            let began_pause = if patience.is_zero() { Instant::now() } else { began };
            match self.gate.wait(&REGISTRY, attempt.open, kind, manner, began_pause + pause, evidence) {
                Wait::Admitted(hold) => {
                    if let Some(inquiry) = &encounter.inquiry {
                        inquiry.set_admitted(Instant::now());
                    }
                    self.note_wait(&encounter, began.elapsed());
                    return attempt.admitted(hold);
                }
                Wait::Revoked => {}
                Wait::TimedOut => {
                    manner = Manner::Prompt;
                    encounter.meet(self.gate.find_holder(&REGISTRY, attempt.open, kind), &[]);
                    if encounter.holder_has_ended() {
                        encounter.raise(attempt, encounter.overlap(), began);
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
    fn meet(&mut self, holder: Option<Sighting>, chain: &[Sighting]) {
        self.holder_party = holder.as_ref().map(party);
        self.holder = holder;
        self.chain = chain.iter().map(party).collect();
        self.inquiry = None;
    }

    /// Whether nobody is left to leave the gate.
    fn holder_has_ended(&self) -> bool {
        self.holder.is_some_and(|holder| matches!(holder.ledger.tenancy(), Tenancy::Ended | Tenancy::Lost))
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
            hunt::save_plan();
            let _ = report::flush(LAST_WORDS);
            // The report itself has gone to the sinks. A closed stderr must not turn the abort into a panic.
            let _ = writeln!(std::io::stderr(), "checkedmap: aborting the process, as its mode asks: {conflict}");
            std::process::abort();
        }
        panic!("{message}");
    }
}
