//! Lookups that are no `get`: what a write tells its caller, and what a walk shows.

use std::sync::RwLock;

use checkedmap::hash_map::HashMap;
use checkedmap::report::{Effect, StackTrace};

use crate::stage::{elsewhere, expect, expect_hint, expect_silence, map, std_shaped, suspect};

#[test]
fn a_count_begun_twice_is_a_suspect() {
    let hits = map("counted by two calls");
    if hits.get_mut("/").is_none() {
        elsewhere(|| hits.insert("/", 1));
        hits.insert("/", 1);
    }
    expect("counted by two calls", Effect::Overwritten, ["get_mut", "insert", "insert"]);
}

#[test]
fn a_count_begun_twice_in_a_fresh_map_is_a_suspect() {
    let hits: RwLock<HashMap<&str, u32>> = RwLock::new(std_shaped("counted by two calls in std's shape"));
    let count = |gap: &dyn Fn()| {
        if let Some(count) = hits.write().unwrap().get_mut("/") {
            *count += 1;
            return;
        }
        gap();
        hits.write().unwrap().insert("/", 1);
    };
    count(&|| elsewhere(|| count(&|| ())));
    assert_eq!(hits.read().unwrap()["/"], 1, "the bug itself");
    expect("counted by two calls in std's shape", Effect::Overwritten, ["get_mut", "insert", "insert"]);
}

#[test]
fn a_list_taken_out_and_put_back_is_a_hint() {
    let lists = map("put back");
    lists.insert("ada", vec![1]);
    let mut list = lists.remove("ada").unwrap_or_default();
    elsewhere(|| lists.insert("ada", vec![2]));
    list.push(3);
    lists.insert("ada", list);
    expect_hint("put back", Effect::Overwritten, ["remove", "insert", "insert"]);
}

#[test]
fn a_value_changed_in_place_and_then_replaced_is_a_hint() {
    let stock = map("replaced after a loan");
    stock.insert("apples", 3);
    let left = {
        let mut apples = stock.get_mut("apples").unwrap();
        *apples -= 1;
        *apples
    };
    elsewhere(|| stock.insert("apples", 10));
    stock.insert("apples", left - 1);
    expect_hint("replaced after a loan", Effect::Overwritten, ["get_mut", "insert", "insert"]);
}

#[test]
fn to_ask_whether_it_is_still_there_does_not_help() {
    let accounts = map("still there");
    accounts.insert("ada", 10);
    let balance = *accounts.get("ada").unwrap();
    elsewhere(|| accounts.insert("ada", 5));
    if accounts.contains_key("ada") {
        accounts.insert("ada", balance - 1);
    }
    expect("still there", Effect::Overwritten, ["get", "insert", "insert"]);
}

#[test]
fn a_janitor_that_walks_and_then_removes_what_was_renewed_is_a_hint() {
    let sessions = map("walked and removed");
    // Not by key: nothing is remembered until the walk.
    sessions.write().extend([(1, "expired"), (2, "expired"), (3, "fresh")]);
    let dead: Vec<_> = sessions.iter().filter(|(_, age)| **age == "expired").map(|(id, _)| *id).collect();
    elsewhere(|| sessions.insert(2, "renewed"));
    let removed: Vec<_> = dead.iter().filter_map(|id| sessions.remove(id)).collect();
    assert!(removed.contains(&"renewed"), "the bug itself");
    expect_hint("walked and removed", Effect::Removed, ["iter", "insert", "remove"]);
}

#[test]
fn a_janitor_of_a_map_with_stds_signatures_is_a_hint() {
    let mut sessions = std_shaped("walked in std's shape");
    sessions.extend([(1, "expired"), (2, "expired"), (3, "fresh")]);
    let walk = sessions.iter();
    let began = line!() - 1;
    let dead: Vec<u32> = walk.filter(|(_, age)| **age == "expired").map(|(id, _)| *id).collect();
    elsewhere(|| *sessions.get_mut(&2).unwrap() = "renewed");
    let removed: Vec<_> = dead.iter().filter_map(|id| sessions.remove(id)).collect();
    assert!(removed.contains(&"renewed"), "the bug itself");
    expect_hint("walked in std's shape", Effect::Removed, ["iter", "get_mut", "remove"]);
    // Each step is an access; the stack is that of the walk's beginning, which is taken once.
    let lookup = suspect("walked in std's shape").lookup;
    let StackTrace::Taken { frames, .. } = &lookup.stack else { panic!("no stack: {}", lookup.stack) };
    assert_eq!((lookup.site.line, frames[0].line), (began, Some(began)));
}

#[test]
fn a_janitor_that_looks_again_or_sweeps_is_silent() {
    let sessions = map("looked at again before removal");
    sessions.extend([(1, "expired"), (2, "expired"), (3, "fresh")]);
    let dead: Vec<_> = sessions.iter().filter(|(_, age)| **age == "expired").map(|(id, _)| *id).collect();
    elsewhere(|| sessions.insert(2, "renewed"));
    for id in dead {
        if sessions.get(&id).is_some_and(|age| *age == "expired") {
            sessions.remove(&id);
        }
    }
    sessions.retain(|_, age| *age != "expired");
    assert_eq!(sessions.len(), 2);
    expect_silence("looked at again before removal");
}
