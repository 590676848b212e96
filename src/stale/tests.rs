//! The table and the rule, with actors and a clock of the test's own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::act::{Act, Seen};
use super::actor::Actor;
use super::event::{Event, Facts};
use super::intent::intended;
use super::table::{Finding, Limits, Table, WholeAccess, evicted};
use crate::access::{Access, Operation};
use crate::conflict::{Party, ThreadInfo};
use crate::report::{Effect, Severity};

const WINDOW: Duration = Duration::from_millis(250);
const LIMITS: Limits = Limits { window: WINDOW, keys: 64 };

const WE: Actor = Actor::Thread(1);
const THEY: Actor = Actor::Thread(2);

/// A map's memory, and a clock that is set by hand.
struct Scene {
    table: Table,
    now: Instant,
    limits: Limits,
}

impl Scene {
    fn new() -> Self {
        Self { table: Table::new(), now: Instant::now(), limits: LIMITS }
    }

    #[track_caller]
    fn event(&self, actor: Actor, operation: Operation) -> Event {
        let thread = ThreadInfo { id: 0, name: None, ended: false };
        Arc::new(Facts { actor, party: Party { access: Access::here(operation), thread }, at: self.now, trace: None })
    }

    #[track_caller]
    fn look(&self, actor: Actor, key: u64, seen: Seen) {
        self.table.look(key, seen, self.event(actor, Operation::Get), self.limits, || true);
    }

    #[track_caller]
    fn act(&self, actor: Actor, key: u64, act: Act) -> Option<Finding> {
        let operation = match act {
            Act::Insert { .. } => Operation::Insert,
            Act::Remove { .. } => Operation::Remove,
            Act::GetMut { .. } => Operation::GetMut,
            Act::Entry { .. } | Act::Fill => Operation::Entry,
        };
        self.table.act(key, act, self.event(actor, operation), self.limits, || true)
    }

    #[track_caller]
    fn whole(&self, actor: Actor, operation: Operation) {
        self.walk(actor, Access::here(operation), false);
    }

    /// A walk's beginning, or a step of it; whether it took its stack.
    fn walk(&self, actor: Actor, access: Access, is_step: bool) -> bool {
        let whole = WholeAccess { access, actor, now: self.now, is_step };
        let mut is_captured = false;
        let capture = || {
            is_captured = true;
            let thread = ThreadInfo { id: 0, name: None, ended: false };
            Arc::new(Facts { actor, party: Party { access, thread }, at: self.now, trace: None })
        };
        self.table.whole(whole, self.limits, || true, capture);
        is_captured
    }

    /// The interleaving that all of this is about, on a key of its own.
    fn lost_update(&self, key: u64) -> Option<Effect> {
        self.look(WE, key, Seen::Absent);
        self.act(THEY, key, Act::Insert { found: false });
        told(self.act(WE, key, Act::Insert { found: true }))
    }
}

fn told(finding: Option<Finding>) -> Option<Effect> {
    finding.map(|finding| finding.verdict.effect)
}

fn judged(finding: Option<Finding>) -> Option<(Effect, Severity)> {
    finding.map(|finding| (finding.verdict.effect, finding.verdict.severity))
}

/// Held by each test of this process that makes a memory overflow, so that it may look at the count.
static OVERFLOW: Mutex<()> = Mutex::new(());

#[test]
fn each_row_of_the_rule() {
    use Act::{Entry, Fill, GetMut, Insert, Remove};
    let (found, lacking) = (true, false);
    // What the lookup found, what they did, what we did; then the effect, and how much it says.
    type Row = (Seen, Act, Act, Option<(Effect, Severity)>);
    let table: &[Row] = &[
        (Seen::Absent, Insert { found: lacking }, Insert { found }, Some((Effect::Overwritten, Severity::Suspect))),
        (Seen::Absent, Fill, Insert { found }, Some((Effect::Overwritten, Severity::Suspect))),
        (Seen::Value, Fill, Insert { found }, Some((Effect::Overwritten, Severity::Suspect))),
        (Seen::Absent, Insert { found: lacking }, Remove { found }, Some((Effect::Removed, Severity::Hint))),
        (Seen::Value, Insert { found }, Insert { found }, Some((Effect::Overwritten, Severity::Suspect))),
        (Seen::Value, GetMut { found }, Insert { found }, Some((Effect::Overwritten, Severity::Suspect))),
        (Seen::Value, Entry { found }, Insert { found }, Some((Effect::Overwritten, Severity::Hint))),
        (Seen::Value, Insert { found }, Remove { found }, Some((Effect::Removed, Severity::Suspect))),
        (Seen::Value, Entry { found }, Remove { found }, Some((Effect::Removed, Severity::Hint))),
        (Seen::Value, Remove { found }, Insert { found: lacking }, Some((Effect::Revived, Severity::Suspect))),
        (Seen::Present, Remove { found }, Insert { found: lacking }, Some((Effect::Revived, Severity::Suspect))),
        (Seen::Present, Entry { found }, Insert { found: lacking }, Some((Effect::Revived, Severity::Suspect))),
        (Seen::Value, Insert { found }, GetMut { found }, Some((Effect::Altered, Severity::Hint))),
        (Seen::Replaced, Remove { found }, GetMut { found: lacking }, Some((Effect::Missed, Severity::Hint))),
        (Seen::Replaced, Remove { found }, Entry { found: lacking }, Some((Effect::Missed, Severity::Hint))),
        (Seen::Taken, Insert { found: lacking }, Insert { found }, Some((Effect::Overwritten, Severity::Hint))),
        (Seen::Lent, Insert { found }, Insert { found }, Some((Effect::Overwritten, Severity::Hint))),
        (Seen::Lent, Insert { found }, Remove { found }, Some((Effect::Removed, Severity::Hint))),
        (Seen::Lent, Remove { found }, Insert { found: lacking }, Some((Effect::Revived, Severity::Hint))),
        // They remove the entry, and one comes back in a way that is not seen by key.
        (Seen::Value, Remove { found }, Insert { found }, Some((Effect::Overwritten, Severity::Suspect))),
        (Seen::Value, Remove { found }, Remove { found }, Some((Effect::Removed, Severity::Suspect))),
        (Seen::Value, Remove { found }, GetMut { found }, Some((Effect::Altered, Severity::Hint))),
        // The lookup still holds, by what the acting access sees.
        (Seen::Present, Insert { found }, Insert { found }, None),
        (Seen::Present, Insert { found }, Remove { found }, None),
        (Seen::Present, Insert { found }, GetMut { found }, None),
        (Seen::Absent, Insert { found: lacking }, GetMut { found }, None),
        // They write, and take it back.
        (Seen::Absent, Remove { found }, Insert { found: lacking }, None),
        // Two hints are no evidence.
        (Seen::Value, Entry { found }, GetMut { found }, None),
        (Seen::Lent, Entry { found }, Insert { found }, None),
        (Seen::Lent, Entry { found }, Remove { found }, None),
        (Seen::Lent, GetMut { found }, GetMut { found }, None),
        (Seen::Taken, Insert { found: lacking }, Remove { found }, None),
        // Nothing is changed.
        (Seen::Absent, Entry { found: lacking }, Insert { found }, None),
        (Seen::Value, Entry { found: lacking }, Insert { found }, None),
        (Seen::Value, Remove { found }, Remove { found: lacking }, None),
        (Seen::Value, Remove { found: lacking }, Insert { found }, None),
        (Seen::Value, GetMut { found: lacking }, Insert { found }, None),
        // One access looks and acts.
        (Seen::Absent, Insert { found: lacking }, Entry { found }, None),
        (Seen::Value, Insert { found }, Entry { found }, None),
        (Seen::Value, Remove { found }, Entry { found: lacking }, None),
    ];
    for (index, (seen, theirs, ours, expected)) in table.iter().enumerate() {
        let scene = Scene::new();
        scene.look(WE, 7, *seen);
        scene.act(THEY, 7, *theirs);
        assert_eq!(judged(scene.act(WE, 7, *ours)), *expected, "row {index}: {seen:?}, {theirs:?}, {ours:?}");
    }
}

#[test]
fn the_three_steps_are_those_that_were_made() {
    let scene = Scene::new();
    scene.look(WE, 7, Seen::Absent);
    let looked = line!() - 1;
    scene.act(THEY, 7, Act::Insert { found: false });
    let intervened = line!() - 1;
    let finding = scene.act(WE, 7, Act::Insert { found: true }).expect("suspect");
    let acted = line!() - 1;
    let lines = [&finding.lookup, &finding.intervening, &finding.acting].map(|event| event.party.access.site.line());
    assert_eq!(lines, [looked, intervened, acted]);
    assert_eq!([finding.lookup.actor, finding.intervening.actor, finding.acting.actor], [WE, THEY, WE]);
}

#[test]
fn a_lookup_counts_for_as_long_as_the_window() {
    let mut scene = Scene::new();
    for (key, (late, expected)) in
        (1..).zip([(WINDOW, Some(Effect::Overwritten)), (WINDOW + Duration::from_nanos(1), None)])
    {
        scene.look(WE, key, Seen::Absent);
        scene.act(THEY, key, Act::Insert { found: false });
        scene.now += late;
        assert_eq!(told(scene.act(WE, key, Act::Insert { found: true })), expected, "after {late:?}");
    }
}

#[test]
fn a_second_look_takes_the_place_of_the_first() {
    let scene = Scene::new();
    scene.look(WE, 7, Seen::Value);
    scene.act(THEY, 7, Act::Insert { found: true });
    scene.look(WE, 7, Seen::Value);
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), None);
}

#[test]
fn to_see_that_there_is_an_entry_is_no_second_look_at_its_value() {
    let lose = |last: Seen| {
        let scene = Scene::new();
        scene.look(WE, 7, Seen::Value);
        scene.act(THEY, 7, Act::Insert { found: true });
        scene.look(WE, 7, last);
        judged(scene.act(WE, 7, Act::Insert { found: true }))
    };
    assert_eq!(lose(Seen::Present), Some((Effect::Overwritten, Severity::Suspect)));
    assert_eq!(lose(Seen::Value), None);
    assert_eq!(lose(Seen::Absent), None);
    // Of a look at the value that is past its window nothing is left to keep.
    let mut scene = Scene::new();
    scene.look(WE, 7, Seen::Value);
    scene.now += WINDOW + Duration::from_nanos(1);
    scene.look(WE, 7, Seen::Present);
    scene.act(THEY, 7, Act::Remove { found: true });
    assert_eq!(judged(scene.act(WE, 7, Act::Insert { found: false })), Some((Effect::Revived, Severity::Suspect)));
}

#[test]
fn what_an_access_answers_is_a_lookup() {
    use Act::{Entry, GetMut, Insert, Remove};
    type Row = (Act, Act, Act, Option<(Effect, Severity)>);
    let table: &[Row] = &[
        // `if let Some(n) = map.get_mut(&k) { *n += 1 } else { map.insert(k, 1) }`
        (
            GetMut { found: false },
            Insert { found: false },
            Insert { found: true },
            Some((Effect::Overwritten, Severity::Suspect)),
        ),
        // `let mut v = map.remove(&k).unwrap_or_default(); v.push(x); map.insert(k, v)`
        (
            Remove { found: true },
            Insert { found: false },
            Insert { found: true },
            Some((Effect::Overwritten, Severity::Hint)),
        ),
        (
            Remove { found: false },
            Insert { found: false },
            Insert { found: true },
            Some((Effect::Overwritten, Severity::Hint)),
        ),
        (
            GetMut { found: true },
            Insert { found: true },
            Insert { found: true },
            Some((Effect::Overwritten, Severity::Hint)),
        ),
        (
            Entry { found: true },
            GetMut { found: true },
            Remove { found: true },
            Some((Effect::Removed, Severity::Hint)),
        ),
        (GetMut { found: false }, Insert { found: false }, Entry { found: true }, None),
        (GetMut { found: true }, GetMut { found: true }, GetMut { found: true }, None),
        (Remove { found: true }, Insert { found: false }, Remove { found: true }, None),
        (Insert { found: false }, Insert { found: true }, Insert { found: true }, None),
    ];
    for (index, (first, theirs, ours, expected)) in table.iter().enumerate() {
        let scene = Scene::new();
        scene.act(WE, 7, *first);
        scene.act(THEY, 7, *theirs);
        assert_eq!(judged(scene.act(WE, 7, *ours)), *expected, "row {index}: {first:?}, {theirs:?}, {ours:?}");
        let scene = Scene::new();
        intended(|| scene.act(WE, 7, *first));
        scene.act(THEY, 7, *theirs);
        assert_eq!(judged(scene.act(WE, 7, *ours)), None, "row {index}, intended");
    }
}

#[test]
fn a_walk_is_a_lookup_of_each_key_for_who_removes() {
    let removed = Some((Effect::Removed, Severity::Hint));
    for (operation, theirs, expected) in [
        (Operation::Iter, Act::Insert { found: true }, removed),
        (Operation::Keys, Act::GetMut { found: true }, removed),
        (Operation::Clone, Act::Insert { found: true }, removed),
        (Operation::Iter, Act::Entry { found: true }, None),
    ] {
        // Nothing has been done to any key before.
        let scene = Scene::new();
        scene.whole(WE, operation);
        let walked = line!() - 1;
        scene.act(THEY, 7, theirs);
        let finding = scene.act(WE, 7, Act::Remove { found: true });
        if let Some(finding) = &finding {
            assert_eq!((finding.seen, finding.lookup.party.access.site.line()), (Seen::Walked, walked));
        }
        assert_eq!(judged(finding), expected, "{operation}, {theirs:?}");
    }
    for operation in [Operation::ReadGuard, Operation::WriteGuard, Operation::Retain] {
        let scene = Scene::new();
        scene.look(WE, 7, Seen::Value);
        scene.whole(WE, operation);
        scene.act(THEY, 7, Act::Insert { found: true });
        assert_eq!(judged(scene.act(WE, 7, Act::Remove { found: true })), None, "{operation}");
    }
    // A sweep and a new entry, of which nobody has looked anything up by key.
    for theirs in [Act::Insert { found: false }, Act::Fill] {
        let scene = Scene::new();
        scene.whole(WE, Operation::Iter);
        scene.whole(THEY, Operation::Clear);
        scene.act(THEY, 7, theirs);
        assert_eq!(judged(scene.act(WE, 7, Act::Remove { found: true })), removed, "{theirs:?}");
    }
    // A write of one's own, an earlier one, and one past the window are no reason.
    let mut scene = Scene::new();
    scene.act(THEY, 7, Act::Insert { found: true });
    scene.whole(WE, Operation::Iter);
    scene.whole(THEY, Operation::Iter);
    scene.act(WE, 7, Act::Insert { found: false });
    assert_eq!(judged(scene.act(WE, 7, Act::Remove { found: true })), None);
    scene.act(THEY, 8, Act::Insert { found: true });
    assert_eq!(judged(scene.act(WE, 8, Act::Insert { found: true })), None, "a walk tells of values that were there");
    scene.act(THEY, 9, Act::Insert { found: true });
    scene.now += WINDOW + Duration::from_nanos(1);
    assert_eq!(judged(scene.act(WE, 9, Act::Remove { found: true })), None);
    // A lookup of the key itself is later knowledge.
    scene.whole(WE, Operation::Iter);
    scene.act(THEY, 7, Act::Insert { found: true });
    scene.look(WE, 7, Seen::Value);
    assert_eq!(judged(scene.act(WE, 7, Act::Remove { found: true })), None);
}

#[test]
fn a_walk_takes_one_stack_for_as_long_as_nothing_comes_between() {
    for operation in [Operation::Iter, Operation::ExtractIf] {
        let mut scene = Scene::new();
        scene.look(THEY, 7, Seen::Value);
        let access = Access::here(operation);
        assert!(scene.walk(WE, access, false));
        assert!(!scene.walk(WE, access, true));
        assert!(!scene.walk(WE, access, true));
        scene.look(THEY, 7, Seen::Value);
        assert!(scene.walk(WE, access, true), "somebody has come between");
        scene.now += Duration::from_nanos(1);
        assert!(scene.walk(WE, access, false), "another call from the same place");
        assert!(!scene.walk(WE, access, true));
        assert!(scene.walk(THEY, access, true), "the walk has changed hands");
    }
    // What it removed, it removed after the lookup.
    let scene = Scene::new();
    let access = Access::here(Operation::ExtractIf);
    scene.look(WE, 7, Seen::Value);
    scene.walk(THEY, access, false);
    scene.walk(THEY, access, true);
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: false })), Some(Effect::Revived));
}

#[test]
fn a_look_at_the_whole_map_counts_as_a_second_look() {
    for operation in [Operation::Iter, Operation::ReadGuard, Operation::WriteGuard] {
        let scene = Scene::new();
        scene.look(WE, 7, Seen::Value);
        scene.act(THEY, 7, Act::Insert { found: true });
        scene.whole(THEY, operation);
        scene.whole(WE, operation);
        assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), None, "{operation}");
    }
}

#[test]
fn of_many_who_saw_the_whole_map_none_is_suspected_for_lack_of_memory() {
    let _alone = OVERFLOW.lock();
    let before = evicted();
    let mut scene = Scene::new();
    scene.look(WE, 7, Seen::Value);
    scene.act(THEY, 7, Act::Insert { found: true });
    scene.whole(WE, Operation::Iter);
    for other in 100..300 {
        scene.whole(Actor::Thread(other), Operation::Iter);
    }
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), None);
    assert_eq!(evicted() - before, 201 - 64, "each that made room");
    assert_eq!(scene.lost_update(8), Some(Effect::Overwritten), "what is looked up afterwards counts");
    // Those that are past their window go first, and nothing is lost with them.
    scene.now += WINDOW + Duration::from_nanos(1);
    scene.look(WE, 7, Seen::Value);
    scene.act(THEY, 7, Act::Insert { found: true });
    for other in 300..364 {
        scene.whole(Actor::Thread(other), Operation::Iter);
    }
    assert_eq!(evicted() - before, 201 - 64);
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), Some(Effect::Overwritten));
}

#[test]
fn writes_of_ones_own_are_not_somebody_elses() {
    let scene = Scene::new();
    scene.look(WE, 7, Seen::Absent);
    scene.act(WE, 8, Act::Insert { found: false });
    scene.act(THEY, 9, Act::Insert { found: false });
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), None, "nobody else wrote this key");
    let scene = Scene::new();
    scene.act(WE, 7, Act::Insert { found: false });
    scene.look(WE, 7, Seen::Value);
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), None);
    scene.look(WE, 7, Seen::Value);
    // A write that their lookup has not seen, but whose author is themselves.
    scene.whole(WE, Operation::Clear);
    scene.look(WE, 7, Seen::Present);
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: false })), None);
}

#[test]
fn one_write_uses_the_lookup_up() {
    let scene = Scene::new();
    assert_eq!(scene.lost_update(7), Some(Effect::Overwritten));
    scene.act(THEY, 7, Act::Insert { found: true });
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), None, "last writer wins, and nobody looked");
}

#[test]
fn what_was_written_before_the_lookup_is_what_it_saw() {
    let scene = Scene::new();
    scene.act(THEY, 7, Act::Insert { found: false });
    scene.look(WE, 7, Seen::Value);
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), None);
}

#[test]
fn both_sides_of_a_race_are_suspect_where_both_looked_first() {
    let scene = Scene::new();
    scene.look(WE, 7, Seen::Value);
    scene.look(THEY, 7, Seen::Value);
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), None);
    assert_eq!(told(scene.act(THEY, 7, Act::Insert { found: true })), Some(Effect::Overwritten));
}

#[test]
fn a_write_to_the_whole_map_explains_an_entry_that_is_gone() {
    for (operation, expected) in [
        (Operation::Clear, Some(Effect::Revived)),
        (Operation::Retain, Some(Effect::Revived)),
        (Operation::WriteGuard, Some(Effect::Revived)),
        (Operation::Iter, None),
        (Operation::ValuesMut, None),
    ] {
        let scene = Scene::new();
        scene.look(WE, 7, Seen::Present);
        scene.whole(THEY, operation);
        let finding = scene.act(WE, 7, Act::Insert { found: false });
        assert!(finding.as_ref().is_none_or(|finding| finding.verdict.severity == Severity::Hint), "{operation}");
        assert_eq!(told(finding), expected, "{operation}");
        // Of an entry that is still there it says nothing.
        scene.look(WE, 8, Seen::Value);
        scene.whole(THEY, operation);
        assert_eq!(told(scene.act(WE, 8, Act::Insert { found: true })), None, "{operation}");
    }
}

#[test]
fn the_last_write_to_the_whole_map_does_not_hide_another_ones() {
    let scene = Scene::new();
    scene.look(WE, 7, Seen::Present);
    scene.whole(THEY, Operation::Clear);
    scene.whole(Actor::Thread(3), Operation::WriteGuard);
    scene.whole(Actor::Thread(3), Operation::WriteGuard);
    let finding = scene.act(WE, 7, Act::Insert { found: false }).expect("suspect");
    assert_eq!(finding.intervening.actor, Actor::Thread(3));
}

#[test]
fn a_certain_write_is_named_before_one_that_may_have_changed_nothing() {
    let scene = Scene::new();
    scene.look(WE, 7, Seen::Value);
    scene.act(THEY, 7, Act::Insert { found: true });
    scene.act(Actor::Thread(3), 7, Act::Entry { found: true });
    let finding = scene.act(WE, 7, Act::Insert { found: true }).expect("suspect");
    assert_eq!((finding.intervening.actor, finding.verdict.severity), (THEY, Severity::Suspect));
}

#[test]
fn who_replaced_a_value_and_comes_back_to_change_it_finds_it_gone() {
    let replace = |scene: &Scene| scene.act(WE, 7, Act::Insert { found: true });
    let scene = Scene::new();
    replace(&scene);
    scene.act(THEY, 7, Act::Remove { found: true });
    assert_eq!(told(scene.act(WE, 7, Act::Entry { found: false })), Some(Effect::Missed));
    // Meant as it is, it is no look at what was there.
    let scene = Scene::new();
    intended(|| replace(&scene));
    scene.act(THEY, 7, Act::Remove { found: true });
    assert_eq!(told(scene.act(WE, 7, Act::GetMut { found: false })), None);
    // Refreshing an entry that a janitor has removed is what an insert is for.
    let scene = Scene::new();
    replace(&scene);
    scene.act(THEY, 7, Act::Remove { found: true });
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: false })), None);
}

#[test]
fn what_is_intended_is_no_suspect_and_is_a_write_to_others() {
    let scene = Scene::new();
    scene.look(WE, 7, Seen::Absent);
    scene.look(Actor::Thread(3), 7, Seen::Absent);
    scene.act(THEY, 7, Act::Insert { found: false });
    assert_eq!(told(intended(|| scene.act(WE, 7, Act::Insert { found: true }))), None);
    let finding = scene.act(Actor::Thread(3), 7, Act::Insert { found: true }).expect("suspect");
    assert_eq!(finding.intervening.actor, WE);
    assert!(std::panic::catch_unwind(|| intended(|| panic!("on purpose"))).is_err());
    assert_eq!(scene.lost_update(8), Some(Effect::Overwritten), "the scope has ended");
}

#[test]
fn memory_is_bounded_and_what_makes_room_is_counted() {
    let _alone = OVERFLOW.lock();
    let mut scene = Scene::new();
    scene.limits.keys = 8;
    let before = evicted();
    scene.look(WE, 0, Seen::Absent);
    scene.now += Duration::from_nanos(1);
    for key in 1..8 {
        scene.look(WE, key, Seen::Absent);
    }
    assert_eq!(evicted(), before, "there is room for eight");
    scene.look(WE, 8, Seen::Absent);
    assert_eq!(evicted() - before, 1);
    scene.act(THEY, 0, Act::Insert { found: false });
    assert_eq!(told(scene.act(WE, 0, Act::Insert { found: true })), None, "the one that made room");
    // What is past its window makes room without being missed.
    scene.now += WINDOW + Duration::from_nanos(1);
    for key in 100..108 {
        scene.look(WE, key, Seen::Absent);
    }
    assert_eq!(evicted() - before, 1);
    // What there is room for does stay, by whatever the keys are multiples of.
    for step in [1, 8, 4096, 0x9E37_79B9_7F4A_7C15_u64] {
        let mut scene = Scene::new();
        scene.limits.keys = 1024;
        let before = evicted();
        for key in 0..768_u64 {
            scene.look(WE, key.wrapping_mul(step), Seen::Absent);
        }
        assert_eq!(evicted(), before, "in steps of {step}");
    }
}

#[test]
fn who_only_writes_takes_no_room_from_who_looks() {
    let _alone = OVERFLOW.lock();
    let mut scene = Scene::new();
    scene.limits.keys = 8;
    let before = evicted();
    for key in 0..8 {
        scene.look(WE, key, Seen::Absent);
    }
    scene.now += Duration::from_nanos(1);
    for key in 8..5000 {
        scene.act(THEY, key, Act::Insert { found: false });
        scene.act(THEY, key, Act::GetMut { found: true });
        scene.act(THEY, key, Act::Remove { found: true });
    }
    for key in 0..8 {
        scene.act(THEY, key, Act::Insert { found: false });
        assert_eq!(told(scene.act(WE, key, Act::Insert { found: true })), Some(Effect::Overwritten), "key {key}");
    }
    assert_eq!(evicted(), before);
}

#[test]
fn readers_of_one_key_share_what_room_there_is() {
    let _alone = OVERFLOW.lock();
    let before = evicted();
    let readers = |scene: &Scene, actors: std::ops::Range<u64>, seen| {
        for actor in actors {
            scene.look(Actor::Thread(actor), 7, seen);
        }
    };
    // With 64 keys: eight lookups, and as many more as there are keys.
    let scene = Scene::new();
    scene.look(WE, 7, Seen::Value);
    readers(&scene, 100..171, Seen::Value);
    scene.act(THEY, 7, Act::Insert { found: true });
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), Some(Effect::Overwritten));
    assert_eq!(evicted(), before);
    // One more takes the place of the oldest.
    let mut scene = Scene::new();
    scene.look(WE, 7, Seen::Value);
    readers(&scene, 100..172, Seen::Value);
    assert_eq!(evicted() - before, 1);
    scene.act(THEY, 7, Act::Insert { found: true });
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), None);
    // Another key has its share all the same.
    scene.look(WE, 8, Seen::Value);
    for actor in 100..107 {
        scene.look(Actor::Thread(actor), 8, Seen::Value);
    }
    assert_eq!(evicted() - before, 1);
    // Those past their window make room, for both.
    scene.now += WINDOW + Duration::from_nanos(1);
    scene.look(WE, 7, Seen::Value);
    readers(&scene, 200..250, Seen::Value);
    assert_eq!(evicted() - before, 1);
    // A key that makes room gives back what its readers had beyond their share.
    let mut scene = Scene::new();
    scene.limits.keys = 8;
    let crowd = |scene: &Scene, key: u64| {
        for actor in 100..116 {
            scene.look(Actor::Thread(actor), key, Seen::Value);
        }
    };
    crowd(&scene, 7);
    scene.now += WINDOW + Duration::from_nanos(1);
    for key in 20..28 {
        scene.look(WE, key, Seen::Value);
    }
    scene.now += WINDOW + Duration::from_nanos(1);
    crowd(&scene, 8);
    assert_eq!(evicted() - before, 1);
    // So do those on which a hint rests at most, and they come in only where there is room.
    let scene = Scene::new();
    readers(&scene, 200..270, Seen::Lent);
    scene.look(WE, 7, Seen::Value);
    readers(&scene, 100..171, Seen::Value);
    readers(&scene, 300..400, Seen::Lent);
    scene.act(THEY, 7, Act::Insert { found: true });
    assert_eq!(told(scene.act(WE, 7, Act::Insert { found: true })), Some(Effect::Overwritten));
    assert_eq!(evicted() - before, 1);
}
