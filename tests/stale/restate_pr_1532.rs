//! <https://github.com/restatedev/restate/pull/1532>: requests in flight by correlation id. A new request is inserted; where
//! that replaces one of the same id, the old one is put back by a second call. A response that comes in between takes the
//! new one, and the old one's caller is never answered.
//!
//! It is told as a hint: a queue that is taken from and filled again by `entry` does the same three things and means them.

use checkedmap::CheckedMap;
use checkedmap::map::Entry;
use checkedmap::report::Effect;

use crate::stage::{elsewhere, expect_hint, expect_silence, map};

/// Correlation ids to what waits for the response.
type InFlight = CheckedMap<u64, &'static str>;

fn insert_and_put_back(in_flight: &InFlight, id: u64, sender: &'static str, gap: impl FnOnce()) -> bool {
    let Some(existing) = in_flight.insert(id, sender) else { return true };
    gap();
    drop(in_flight.entry(id).and_modify(|there| *there = existing));
    false
}

fn insert_where_vacant(in_flight: &InFlight, id: u64, sender: &'static str, gap: impl FnOnce()) -> bool {
    if let Some(there) = in_flight.get(&id) {
        assert_ne!(*there, sender, "a request is sent once");
    }
    gap();
    match in_flight.entry(id) {
        Entry::Occupied(_) => false,
        Entry::Vacant(place) => {
            let _ = place.insert(sender);
            true
        }
    }
}

#[test]
fn a_response_taken_by_the_wrong_request_is_a_hint() {
    let in_flight = map("restate");
    assert!(insert_and_put_back(&in_flight, 7, "first", || ()));
    let mut answered = None;
    let gap = || answered = elsewhere(|| in_flight.remove(&7));
    assert!(!insert_and_put_back(&in_flight, 7, "second", gap));
    assert_eq!(answered, Some("second"), "the bug itself");
    expect_hint("restate", Effect::Missed, ["insert", "remove", "entry"]);
}

#[test]
fn with_entry_it_is_silent() {
    let in_flight = map("restate fixed");
    // Another request of the same id, its answer, and both, in the gap.
    let theirs = || assert!(elsewhere(|| insert_where_vacant(&in_flight, 7, "theirs", || ())));
    let answer = || assert!(elsewhere(|| in_flight.remove(&7)).is_some());
    assert!(!insert_where_vacant(&in_flight, 7, "ours", theirs));
    assert!(insert_where_vacant(&in_flight, 7, "ours", answer));
    assert!(!insert_where_vacant(&in_flight, 7, "late", || {
        answer();
        theirs();
    }));
    assert_eq!(in_flight.get(&7).unwrap(), "theirs");
    expect_silence("restate fixed");
}

#[test]
fn put_back_in_peace_it_is_silent() {
    let in_flight = map("restate in peace");
    assert!(insert_and_put_back(&in_flight, 7, "first", || ()));
    assert!(!insert_and_put_back(&in_flight, 7, "second", || ()));
    assert_eq!(elsewhere(|| in_flight.remove(&7)), Some("first"));
    expect_silence("restate in peace");
}
