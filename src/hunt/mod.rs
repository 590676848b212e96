//! Hunt mode: makes accesses overlap that might.
//!
//! An overlap of two accesses that take nanoseconds is luck. A hunt makes the luck, after TSVD (Li, Lu, Musuvathi, Nath and
//! Padhye, *Efficient Scalable Thread-Safety-Violation Detection*, SOSP 2019): it looks for pairs of accesses that come close
//! to each other, and holds one of them inside for a moment to see whether the other walks in.
//!
//! # Protocol
//!
//! An access that was admitted, and has not begun, passes [`inside`]:
//!
//! 1. The map's history ([`recent`]) tells who was there a moment ago. Another thread's access within the window, with a
//!    write on either side, is a near miss, and arms the pair of the two places ([`pairs`]).
//! 2. If the thread stood still while another was delayed, and moves right after, it was held up: the delayed place
//!    happens before this one, and is not delayed for it any more ([`held_up`]).
//! 3. If this place is a side of an armed pair, a number is drawn from the [`mod@seed`]. If it is below the pair's chance, if
//!    other threads are about, and if there is [`budget`], the access stays inside for a while ([`delay`]).
//! 4. If nobody came, the pair's chance decays and its next delay is longer, until it is given up.
//!
//! What is learnt goes into a [`plan`], from which the next run begins.
//!
//! # Argument
//!
//! *No false alarm.* A hunt never reports. It makes an access that is inside stay there; who walks in meanwhile is refused
//! by the gate and reported as any other, with both stacks. Whatever a hunt gets wrong, a near miss that was none or an
//! order that is none, costs time or a find, and never makes one up.
//!
//! *A catch ends the delay.* Whoever is refused, or waits, marks the gate as contended and then wakes those that stay: see the
//! gate's `lingering`. Who stays leaves after the mark, and so answers for its access with its stack. Whoever switches the hunt off
//! wakes it in the same way.
//!
//! *No deadlock.* A delay ends by its deadline whatever happens, so who waits for the thread waits a little longer. An
//! access is delayed only where its thread is inside no other, so a delay holds one gate at a time. No access waits for a
//! `fork` on a hunt's account: what a hunt would have learnt from one that is inside is left out, and the find of one that is
//! refused is left for whoever looks at the pairs next ([`news`]). What waits for a fork is the gate's: an access that leaves
//! after it was counted, that takes the gate from others, or that begins to wait. An access that is delayed as the process forks has not begun, and its ledger
//! says so: its map is whole in the child, and the child's to use.
//!
//! *What is left alone.* A phase in which one thread uses maps; `try_` accesses, which promise not to wait; accesses
//! that go through the lock of a degraded map, where overlap is not possible; accesses of a context provider, whose answer the
//! other side of a conflict waits for; accesses of a thread that panics, or whose
//! [`TRACKS`] are torn down already; and the access that ends a map, since a visitor would come to a map that is about to go.
//!
//! An access of a program that neither hunts nor counts near misses does not come here, and its fast path has not one
//! instruction for it: what keeps accesses off that path is the badge their ledgers wear otherwise.

use std::cell::RefCell;

use once_cell::race::OnceBox;

use crate::access::{Access, Operation, Site};
use crate::gate::{Gate, Hold};
use crate::ledger::Open;
use crate::{clock, fork};

mod budget;
mod delay;
mod held_up;
mod history;
mod hunter;
mod in_force;
mod news;
mod own;
mod pairs;
mod phase;
mod place;
mod plan;
mod plan_file;
mod planned;
mod recent;
mod saver;
mod scatter;
mod seed;
mod shared;
mod spot;
mod status;
mod surroundings;
mod tracks;
mod visit;

#[cfg(test)]
mod tests;

use hunter::{Hunter, Linger};
use in_force::{InForce, in_force};
pub(crate) use in_force::{attend_first, configure, configure_first, finish, is_on_for, save_plan, set};
pub(crate) use own::Own;
pub use shared::{AccessSite, PairState, SharedPair, SharedPairs};
pub use status::HuntStatus;
use surroundings::Process;
use tracks::Tracks;
use visit::{Terms, Visit};

static HUNTER: OnceBox<Hunter> = OnceBox::new();

fn hunter() -> &'static Hunter {
    HUNTER.get_or_init(|| Box::new(Hunter::new()))
}

thread_local! {
    static TRACKS: RefCell<Option<Box<Tracks>>> = const { RefCell::new(None) };
}

/// Whether accesses have to pass here.
pub(crate) fn is_on() -> bool {
    own::any() || in_force().is_some_and(|settings| settings.asked.hunt.is_some() || settings.asked.near_misses)
}

/// What the choices of the hunt are drawn from, where something is hunted.
pub(crate) fn seed() -> Option<u64> {
    let settings = in_force()?;
    (settings.asked.hunt.is_some() || own::any()).then_some(settings.terms.seed)
}

/// An access that has come to its gate.
pub(crate) struct Inside<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) made: Site,
    pub(crate) name: Option<&'a str>,
    /// The map's own word on whether it is hunted in.
    pub(crate) own: &'a Own,
    pub(crate) access: Access,
    pub(crate) open: Open,
    /// `None` where it was refused.
    pub(crate) hold: Option<Hold>,
    /// Whether the access may wait, its thread is inside nothing else, and nobody waits for what the thread has to say.
    pub(crate) may_wait: bool,
}

impl Inside<'_> {
    fn is_hunted(&self, settings: &InForce) -> bool {
        self.own.get().unwrap_or_else(|| settings.asked.hunt.as_ref().is_some_and(|hunt| hunt.covers(self.name)))
    }
}

/// Takes note of an access, and may keep it inside for a moment. Does not panic.
#[cold]
pub(crate) fn inside(here: &Inside<'_>) {
    let Some(settings) = in_force() else { return };
    let hunted = here.is_hunted(settings);
    if !(hunted || settings.asked.near_misses) {
        return;
    }
    // Refused accesses count as well: which ones are delayed in a replay must not depend on who came first.
    let occurrence = count(here.access);
    if !matches!(here.hold, Some(Hold::Published | Hold::Counted)) {
        return;
    }
    let ends_the_map = matches!(here.access.operation, Operation::Drop | Operation::IntoIter);
    let visit = Visit {
        gate: here.gate.identity(),
        made: here.made,
        name: here.name,
        access: here.access,
        thread: seed::thread(),
        occurrence,
        hunted,
        may_linger: here.may_wait && !ends_the_map && !here.gate.is_contended() && !std::thread::panicking(),
    };
    // Where they are torn down, the thread is left alone from then on.
    let _ = TRACKS.try_with(|tracks| {
        let Ok(mut tracks) = tracks.try_borrow_mut() else { return };
        let tracks = tracks.get_or_insert_with(|| Box::new(Tracks::new()));
        if let Some(linger) = visit_now(&visit, tracks, &settings.terms) {
            stay(here, &visit, tracks, &settings.terms, linger);
        }
    });
}

/// How often the calling thread has come here, this time included.
fn count(access: Access) -> u64 {
    let count = |tracks: &RefCell<Option<Box<Tracks>>>| {
        let mut tracks = tracks.try_borrow_mut().ok()?;
        Some(tracks.get_or_insert_with(|| Box::new(Tracks::new())).count(spot::spot_key(access)))
    };
    // A thread whose tracks are gone is not delayed any more.
    TRACKS.try_with(count).ok().flatten().unwrap_or_default()
}

fn visit_now(visit: &Visit<'_>, tracks: &mut Tracks, terms: &Terms) -> Option<Linger> {
    let now = clock::nanoseconds(std::time::Instant::now());
    // The child of a fork could not unlock what this locks. Who is inside does not wait for a fork, whose handlers may wait
    // for the access.
    let held_back = fork::try_hold_back()?;
    let (news, linger) = hunter().visit(visit, tracks, terms, now, &Process);
    drop(held_back);
    if news {
        tell();
    }
    linger
}

fn stay(here: &Inside<'_>, visit: &Visit<'_>, tracks: &mut Tracks, terms: &Terms, linger: Linger) {
    let is_hunted = || in_force().is_some_and(|settings| here.is_hunted(settings));
    let (times, end) = delay::linger(here.gate, here.open, linger.delay.length, is_hunted);
    hunter().settle(tracks, linger.grant, times, end);
    let Some(held_back) = fork::try_hold_back() else { return };
    let news = hunter().learn(visit, terms, linger.delay, times, end);
    drop(held_back);
    // How long the next delay is, which can wait until there is more or the program ends.
    note();
    if news {
        tell();
    }
}

fn note() {
    if let Some(plan) = in_force().and_then(|settings| settings.plan.as_ref()) {
        plan.note();
    }
}

/// There is something for the plan that should be on disk soon.
fn tell() {
    note();
    saver::call();
}

/// Takes note of an overlap that was reported.
#[cold]
pub(crate) fn found(made: Site, name: Option<&str>, holder: Access, contender: Access) {
    // Who is refused does not wait for a fork either; but what it has found is not left out.
    let held_back = fork::try_hold_back();
    let news = match held_back {
        Some(_) => hunter().found(made, name, holder, contender),
        None => hunter().found_meanwhile(made, name, holder, contender),
    };
    drop(held_back);
    if news {
        tell();
    }
}

/// In the child of a fork: what its parent has spent and caught is not its own. Stores atomics, and nothing else.
pub(crate) fn after_fork_in_child() {
    if let Some(hunter) = HUNTER.get() {
        hunter.begin_anew();
    }
}

/// Which maps are shared, as far as accesses have been watched.
pub(crate) fn shared_pairs() -> SharedPairs {
    let Some(hunter) = HUNTER.get() else { return SharedPairs::default() };
    let held_back = fork::hold_back();
    let surveyed = hunter.survey(|pair| SharedPair::from(pair));
    drop(held_back);
    let Some((mut pairs, evicted)) = surveyed else { return SharedPairs::default() };
    // What was read from a plan, or reported, and has not come close in this run is nothing that was watched.
    pairs.retain(|pair| pair.near_misses > 0 || pair.hand_overs > 0);
    pairs.sort_by_cached_key(|pair| {
        let sites = pair.sites.each_ref().map(ToString::to_string);
        (std::cmp::Reverse(pair.near_misses), std::cmp::Reverse(pair.hand_overs), pair.map.clone(), sites)
    });
    SharedPairs { pairs, evicted }
}

/// How the hunt goes, where there is one.
pub(crate) fn status() -> Option<HuntStatus> {
    seed()?;
    in_force().map(account)
}

/// How the hunt has gone under these settings.
fn account(settings: &InForce) -> HuntStatus {
    use std::time::Duration;

    let hunter = hunter();
    let counts = hunter.counts();
    let held_back = fork::hold_back();
    let surveyed = hunter.survey(|pair| SharedPair::from(pair).state == PairState::Hunted);
    drop(held_back);
    let (hunted, _) = surveyed.unwrap_or_default();
    let now = clock::nanoseconds(std::time::Instant::now());
    HuntStatus {
        seed: settings.terms.seed,
        delays: counts.delays,
        caught: counts.caught,
        over_budget: hunter.pool().over_budget(),
        delayed: Duration::from_nanos(hunter.pool().spent()),
        longest: Duration::from_nanos(hunter.pool().longest()),
        elapsed: Duration::from_nanos(hunter.pool().elapsed(now)),
        budget: settings.terms.share.0,
        hunted: hunted.into_iter().filter(|hunted| *hunted).count(),
    }
}
