//! The hunter with a clock of the test's own, and threads that are numbers.

use std::collections::BTreeMap;

use super::budget::Share;
use super::delay::End;
use super::hunter::{Hunter, LONE_WORKER, Linger, PLANNED};
use super::pairs::{Key, SHORTEST};
use super::place::Place;
use super::plan::Plan;
use super::shared::{PairState, SharedPair};
use super::spot::spot_key;
use super::surroundings::Surroundings;
use super::tracks::Tracks;
use super::visit::{Terms, Visit};
use crate::access::{Access, Operation, Site};

const MS: u64 = 1_000_000;
const TERMS: Terms = Terms { longest: 20 * MS, window: 100 * MS, share: Share(1.0 / 3.0), seed: 7 };

#[derive(Clone, Copy, Default)]
struct Around {
    alone: bool,
    lone_worker: bool,
}

impl Surroundings for Around {
    fn is_alone(&self) -> bool {
        self.alone
    }

    fn is_lone_worker(&self) -> bool {
        self.lone_worker
    }
}

/// A program with one map.
struct Program {
    hunter: Hunter,
    terms: Terms,
    around: Around,
    hunted: bool,
    gate: u64,
    made: Site,
    tracks: BTreeMap<u64, Tracks>,
    now: u64,
}

impl Program {
    fn with(terms: Terms) -> Self {
        Self {
            hunter: Hunter::new(),
            terms,
            around: Around::default(),
            hunted: true,
            gate: 1,
            made: Site::new(std::panic::Location::caller()),
            tracks: BTreeMap::new(),
            now: 1_000 * MS,
        }
    }

    fn new() -> Self {
        Self::with(TERMS)
    }

    fn after(&mut self, nanoseconds: u64) -> &mut Self {
        self.now += nanoseconds;
        self
    }

    fn visit(&self, thread: u64, access: Access) -> Visit<'static> {
        self.visit_again(thread, access, 1)
    }

    fn visit_again(&self, thread: u64, access: Access, occurrence: u64) -> Visit<'static> {
        Visit {
            gate: self.gate,
            made: self.made,
            name: Some("m"),
            access,
            thread,
            occurrence,
            hunted: self.hunted,
            may_linger: true,
        }
    }

    /// An access; the delay that is due, if any.
    fn access(&mut self, thread: u64, access: Access) -> Option<Linger> {
        let occurrence = self.tracks.entry(thread).or_insert_with(Tracks::new).count(spot_key(access));
        let visit = self.visit_again(thread, access, occurrence);
        let tracks = self.tracks.get_mut(&thread).expect("it is there by now");
        self.hunter.visit(&visit, tracks, &self.terms, self.now, &self.around).1
    }

    /// Lets the delay pass; nobody comes. How long it was.
    fn in_vain(&mut self, thread: u64, access: Access, linger: Linger) -> u64 {
        let (visit, began) = (self.visit(thread, access), self.now);
        let length = linger.delay.length;
        self.now += length;
        let tracks = self.tracks.get_mut(&thread).expect("it has made an access");
        let times = (began, self.now);
        self.hunter.settle(tracks, linger.grant, times, End::InVain);
        self.hunter.learn(&visit, &self.terms, linger.delay, times, End::InVain);
        length
    }

    /// An access, with the delay that is due. How long that was.
    fn pass(&mut self, thread: u64, access: Access) -> Option<u64> {
        let linger = self.access(thread, access)?;
        Some(self.in_vain(thread, access, linger))
    }

    fn pairs(&self) -> Vec<SharedPair> {
        self.hunter.survey(|pair| SharedPair::from(pair)).expect("nobody else is at the table").0
    }

    fn learnt(&self) -> (Plan, Vec<Key>) {
        self.hunter.learnt().expect("nobody else is at the table")
    }

    fn states(&self) -> Vec<PairState> {
        self.pairs().into_iter().map(|pair| pair.state).collect()
    }
}

#[track_caller]
fn insert() -> Access {
    Access::here(Operation::Insert)
}

#[test]
fn the_second_thread_of_a_near_miss_stays_for_the_third() {
    let mut program = Program::new();
    let write = insert();
    assert!(program.access(1, write).is_none(), "nobody else is about");
    let linger = program.after(MS).access(2, write).expect("a near miss, and its side is here");
    assert_eq!(linger.delay.length, 2 * MS, "twice the time by which the two have missed each other");
}

#[test]
fn what_is_far_apart_or_reads_only_is_no_near_miss() {
    let mut program = Program::new();
    let (write, read) = (insert(), Access::here(Operation::Get));
    program.access(1, write);
    assert!(program.after(TERMS.window + 1).access(2, read).is_none());
    assert!(program.after(MS).access(3, read).is_none(), "two reads");
    assert_eq!(program.states(), [PairState::Watched; 2]);
}

#[test]
fn a_phase_with_one_thread_is_left_alone() {
    let mut program = Program::new();
    let write = insert();
    program.access(1, write);
    let linger = program.after(MS).access(2, write).expect("two threads are about");
    program.in_vain(2, write, linger);
    program.after(TERMS.window);
    for _ in 0..100 {
        program.after(MS);
        assert!(program.access(2, write).is_none(), "the other has not been seen for long");
    }
}

#[test]
fn delays_that_never_pay_end() {
    let mut program = Program::with(Terms { share: Share(1.0), ..TERMS });
    // Too short to tell who is held up.
    program.terms.longest = SHORTEST;
    let write = insert();
    let delays: Vec<u64> = (0..10_000).filter_map(|turn| program.after(MS).pass(turn % 2, write)).collect();
    assert_eq!(delays.len(), 9);
    assert_eq!(program.states(), [PairState::GivenUp]);
}

/// Two threads under one lock: who waits for it comes as soon as the other's delay is over.
#[test]
fn a_lock_around_both_is_found_out() {
    let mut program = Program::with(Terms { share: Share(1.0), ..TERMS });
    let (first, second) = (insert(), Access::here(Operation::Remove));
    let mut delays = [0, 0];
    for _ in 0..100 {
        for (thread, access) in [(0, first), (1, second)] {
            // The lock changes hands at once after a delay, and in its own time without.
            program.after(if delays[0] + delays[1] > 0 { 20_000 } else { 2 * MS });
            delays[thread] += u64::from(program.pass(thread as u64, access).is_some());
        }
    }
    assert!(delays.iter().all(|delays| *delays <= 4), "after two telling delays each: {delays:?}");
    assert_eq!(program.states(), [PairState::Ordered]);
}

/// The twin: the other thread goes its own way meanwhile.
#[test]
fn threads_that_are_not_held_up_are_not_ordered() {
    let mut program = Program::with(Terms { share: Share(1.0), ..TERMS });
    let (first, second) = (insert(), Access::here(Operation::Remove));
    let elsewhere = Access::here(Operation::Len);
    for _ in 0..100 {
        program.after(2 * MS).access(1, second);
        if let Some(linger) = program.after(2 * MS).access(0, first) {
            // It is seen at work during the delay.
            program.after(linger.delay.length - 1_000).access(1, elsewhere);
            program.now -= linger.delay.length - 1_000;
            program.in_vain(0, first, linger);
        }
    }
    let pair = program.pairs().into_iter().find(|pair| pair.sites.iter().all(|site| site.operation != Operation::Len));
    assert_ne!(pair.expect("the two have met").state, PairState::Ordered);
}

#[test]
fn a_thread_keeps_its_budget_whatever_there_is_to_hunt() {
    let mut program = Program::with(Terms { share: Share(0.01), ..TERMS });
    let (start, write) = (program.now, insert());
    let mut delayed = 0;
    for _ in 0..2_000 {
        // A hunt that has not tried and not spent anything yet, with threads that have.
        program.hunter = Hunter::new();
        for thread in [1, 2, 1, 2] {
            let delay = program.after(MS / 2).pass(thread, write).unwrap_or(0);
            let is_young = program.now - start < 400 * MS;
            delayed += if is_young { 0 } else { delay };
        }
    }
    let lasted = program.now - start;
    assert!(delayed <= 2 * lasted / 100, "{delayed} ns of {lasted} ns by two threads");
}

#[test]
fn a_budget_of_nothing_is_no_hunt() {
    let mut program = Program::with(Terms { share: Share(0.0), ..TERMS });
    let write = insert();
    for turn in 0..100 {
        assert!(program.after(MS).access(turn % 2, write).is_none());
    }
    assert_eq!(program.hunter.pool().over_budget(), 99);
}

#[test]
fn the_only_worker_of_a_runtime_is_not_held_for_long() {
    let mut program = Program::new();
    program.around.lone_worker = true;
    let write = insert();
    program.access(1, write);
    let linger = program.after(15 * MS).access(2, write).expect("it is hunted all the same");
    assert_eq!(linger.delay.length, LONE_WORKER);
    program.in_vain(2, write, linger);
    let mut delays = 1;
    for turn in 0..9 {
        delays += u64::from(program.after(15 * MS).pass(turn % 2, write).is_some());
    }
    assert!(delays > 5, "each is a twentieth of what the pair asks for, and counts as much: {delays}");
    program.around.lone_worker = false;
    let linger = program.after(15 * MS).access(3, write).expect("the pair has not been spent");
    assert_eq!(linger.delay.length, 20 * MS);
    program.in_vain(3, write, linger);
    program.around.lone_worker = true;
    for turn in 0..10_000 {
        program.after(15 * MS).pass(turn % 2, write);
    }
    assert_eq!(program.states(), [PairState::GivenUp], "it comes to an end all the same");
}

/// Two threads that stand still anyway come right after one delay.
#[test]
fn one_delay_beside_two_idle_threads_makes_no_order() {
    let mut program = Program::with(Terms { share: Share(1.0), ..TERMS });
    let (first, second) = (insert(), Access::here(Operation::Remove));
    for thread in [2, 3] {
        program.access(thread, second);
    }
    program.after(MS).pass(1, first).expect("a near miss");
    for thread in [2, 3] {
        program.after(1_000).access(thread, second);
    }
    let delayed_again = (0..20).any(|_| program.after(MS).access(1, first).is_some());
    assert!(delayed_again, "the place is hunted as before");
}

/// Two maps that were made at one place have nothing to do with each other.
#[test]
fn a_thread_at_another_map_was_not_held_up() {
    let mut program = Program::with(Terms { share: Share(1.0), ..TERMS });
    let (first, second) = (insert(), Access::here(Operation::Remove));
    let mut delays = 0;
    for _ in 0..20 {
        program.gate = 1;
        program.access(2, second);
        delays += u64::from(program.after(MS).pass(1, first).is_some());
        program.gate = 2;
        program.after(1_000).access(2, second);
        program.after(2 * MS);
    }
    assert!(delays > 2, "{delays}");
    assert!(!program.states().contains(&PairState::Ordered));
}

/// Which of the accesses of a run are delayed.
fn decisions(seed: u64) -> Vec<bool> {
    let mut program = Program::with(Terms { seed, longest: SHORTEST, share: Share(1.0), ..TERMS });
    let write = insert();
    (0..200).map(|turn| program.after(MS).pass(turn % 4, write).is_some()).collect()
}

#[test]
fn a_seed_replays_the_run_and_others_make_others() {
    assert_eq!(decisions(7), decisions(7));
    let different: std::collections::BTreeSet<Vec<bool>> = (0..10).map(decisions).collect();
    assert!(different.len() > 5, "{} of 10 seeds differ", different.len());
}

#[test]
fn what_was_found_is_not_hunted_and_goes_into_the_plan() {
    let mut program = Program::new();
    let write = insert();
    program.access(1, write);
    program.after(MS).access(2, write).expect("it is hunted");
    assert!(program.hunter.found(program.made, None, write, write), "it is news");
    assert!(!program.hunter.found(program.made, None, write, write), "once");
    assert!(program.after(MS).access(1, write).is_none());
    assert_eq!(program.states(), [PairState::Known]);

    let mut next = Program::new();
    next.made = program.made;
    next.hunter.adopt(program.learnt().0, &TERMS);
    for turn in 0..100 {
        assert!(next.after(MS).access(turn % 2, write).is_none(), "the next run knows it");
    }
    assert_eq!(next.states(), [PairState::Known]);
}

/// Two threads that make one access each: the first run sees the near miss when both are over.
#[test]
fn the_next_run_stays_at_the_first_access_of_a_planned_pair() {
    let (first, second) = (insert(), Access::here(Operation::Remove));
    let mut program = Program::new();
    program.access(1, first);
    program.after(6 * MS).access(2, second);
    let (plan, given_up) = program.learnt();
    assert!(given_up.is_empty());

    let next = |alone| {
        let mut next = Program::new();
        next.made = program.made;
        next.around.alone = alone;
        next.hunter.adopt(Plan::parse(&plan.to_string()).expect("it reads back"), &TERMS);
        next.access(1, first).map(|linger| linger.delay.length)
    };
    assert_eq!(next(false), Some(12 * MS));
    assert_eq!(next(true), None, "the process has no thread that could walk in");
}

/// A plan may have been written by hand, or by a run with other bounds.
#[test]
fn a_planned_delay_is_kept_within_this_runs_bounds() {
    let (first, second) = (insert(), Access::here(Operation::Remove));
    let mut program = Program::new();
    program.access(1, first);
    program.after(3 * MS).access(2, second);
    let plan = program.learnt().0.to_string();
    for (planned, longest, length) in [("0", 20 * MS, PLANNED), ("99000000000", 20 * MS, 20 * MS), ("0", 1_000, 1_000)]
    {
        let plan = plan.replace("candidate\t6000000\t", &format!("candidate\t{planned}\t"));
        let mut next = Program::with(Terms { longest, ..TERMS });
        next.made = program.made;
        next.hunter.adopt(Plan::parse(&plan).expect("it is one"), &next.terms);
        let linger = next.access(1, first).expect("it is planned");
        assert_eq!(linger.delay.length, length, "{planned} ns planned");
    }
}

/// So that each has its turn in a program that is over soon.
#[test]
fn many_planned_pairs_share_what_a_process_begins_with() {
    let (write, mut program) = (insert(), Program::new());
    program.access(1, write);
    program.after(1).access(2, write);
    let plan = program.learnt().0.to_string();
    let pair = plan.lines().last().expect("the pair is in it");
    let first_delay = |pairs: usize| {
        // The others are of maps that this program does not have.
        let others =
            (1..pairs).map(|nth| pair.replacen(&Place::from(program.made).to_string(), &format!("gone.rs:{nth}:1"), 1));
        let plan = others.fold(plan.clone(), |plan, other| format!("{plan}{other}\n"));
        let mut next = Program::new();
        next.made = program.made;
        next.hunter.adopt(Plan::parse(&plan).expect("it is one"), &next.terms);
        next.access(1, write).expect("it is planned").delay.length
    };
    assert_eq!([1, 5].map(first_delay), [PLANNED; 2]);
    assert_eq!([10, 100, 1_000].map(first_delay), [5 * MS, MS / 2, SHORTEST]);
}

/// A visitor that is known already comes into every delay.
#[test]
fn catches_of_a_known_pair_do_not_keep_a_place_delayed_for_ever() {
    let mut program = Program::with(Terms { share: Share(1.0), ..TERMS });
    let (write, visitor) = (insert(), Access::here(Operation::Retain));
    program.access(1, visitor);
    let mut delays = 0;
    for turn in 0..1_000 {
        let thread = 1 + turn % 2;
        if let Some(linger) = program.after(MS).access(thread, write) {
            let (visit, began) = (program.visit(thread, write), program.now);
            program.now += linger.delay.length / 2;
            let tracks = program.tracks.get_mut(&thread).expect("it has made an access");
            let times = (began, program.now);
            program.hunter.settle(tracks, linger.grant, times, End::Caught);
            program.hunter.learn(&visit, &TERMS, linger.delay, times, End::Caught);
            program.hunter.found(program.made, None, visitor, write);
            delays += 1;
        }
    }
    assert!((1..=20).contains(&delays), "{delays}");
    assert_eq!(program.hunter.counts().caught, delays);
}

#[test]
fn a_delay_that_was_cut_short_tells_nothing() {
    let mut program = Program::new();
    let write = insert();
    program.access(1, write);
    let before = program.after(MS).access(2, write).expect("a near miss");
    let (visit, wanted) = (program.visit(2, write), before.delay.length);
    let tracks = program.tracks.get_mut(&2).expect("it has made an access");
    let times = (program.now, program.now);
    program.hunter.settle(tracks, before.grant, times, End::SwitchedOff);
    assert!(!program.hunter.learn(&visit, &TERMS, before.delay, times, End::SwitchedOff));
    assert_eq!(program.hunter.pool().spent(), 0, "what it did not take is there again");
    let again = program.after(MS).access(1, write).expect("at full chance");
    assert_eq!(again.delay.length, wanted, "it was not tried");
    assert_eq!(program.pairs()[0].delays, 0);
}

#[test]
fn what_is_given_up_is_taken_out_of_the_plan() {
    let mut program = Program::with(Terms { longest: SHORTEST, share: Share(1.0), ..TERMS });
    let write = insert();
    program.access(1, write);
    program.after(MS).access(2, write);
    let before = program.learnt().0;
    assert_ne!(before, Plan::default());
    for turn in 0..1_000 {
        program.after(MS).pass(turn % 2, write);
    }
    assert_eq!(program.states(), [PairState::GivenUp]);
    let (mine, given_up) = program.learnt();
    assert_eq!(before.update(mine, &given_up), Plan::default());
}

#[test]
fn a_map_that_is_only_watched_is_counted_and_never_delayed() {
    let mut program = Program::new();
    program.hunted = false;
    let write = insert();
    for turn in 0..100 {
        assert!(program.after(MS).access(turn % 2, write).is_none());
    }
    let pairs = program.pairs();
    assert_eq!((pairs[0].near_misses, pairs[0].hand_overs, pairs[0].state), (99, 99, PairState::Watched));
}
