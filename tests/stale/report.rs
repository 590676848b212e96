//! What a suspect tells, and where it is counted.

use checkedmap::report::{Found, Role, StackTrace};
use checkedmap::stale;

use crate::stage::{conflicts, elsewhere, map, repeats, suspect};

#[inline(never)]
fn check(map: &checkedmap::CheckedMap<u64, &str>) -> bool {
    map.contains_key(&7)
}

#[inline(never)]
fn act(map: &checkedmap::CheckedMap<u64, &str>) {
    map.insert(7, "ours");
}

#[inline(never)]
fn intervene(map: &checkedmap::CheckedMap<u64, &str>) {
    map.insert(7, "theirs");
}

#[test]
fn three_sites_and_three_stacks() {
    let map = map("three stacks");
    let before = stale::books();
    assert!(!check(&map));
    elsewhere(|| intervene(&map));
    act(&map);
    let suspect = suspect("three stacks");
    assert_eq!(suspect.found, Found::Absent);
    let steps = [
        (&suspect.lookup, Role::Lookup, "check"),
        (&suspect.intervening, Role::Intervening, "intervene"),
        (&suspect.acting, Role::Acting, "act"),
    ];
    for (step, role, function) in steps {
        assert_eq!(step.role, role);
        assert!(step.site.file.ends_with("tests/stale/report.rs"), "{}", step.site);
        let StackTrace::Taken { frames, .. } = &step.stack else { panic!("no stack of {role}: {}", step.stack) };
        let innermost = frames.first().and_then(|frame| frame.function.as_deref()).unwrap_or_default();
        assert!(innermost.ends_with(&format!("::{function}")), "{innermost} is not {function}");
        assert_eq!(frames[0].line, Some(step.site.line));
    }
    assert_eq!(suspect.lookup.thread, suspect.acting.thread);
    assert_ne!(suspect.lookup.thread.id, suspect.intervening.thread.id);
    assert!(stale::books().detected > before.detected);
    assert_eq!(conflicts("three stacks"), 0, "a suspect is no conflict");
}

#[test]
fn the_same_three_sites_are_one_report_with_a_count() {
    let map = map("three sites");
    for _ in 0..5 {
        map.remove(&7);
        assert!(!check(&map));
        elsewhere(|| intervene(&map));
        act(&map);
    }
    let first = suspect("three sites");
    assert_eq!(first.count + repeats("three sites"), 5);
}
