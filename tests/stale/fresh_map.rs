//! The published bugs on a map as `HashMap::new` makes it: the first lookup comes before anything is allocated.

use std::sync::RwLock;

use checkedmap::hash_map::HashMap;
use checkedmap::report::{Effect, Severity, Suspect};

use crate::stage::{elsewhere, fresh, suspects_made_at};

type Locked = RwLock<HashMap<u64, &'static str>>;

fn insert(map: &Locked, value: &'static str) {
    map.write().unwrap().insert(7, value);
}

#[track_caller]
fn expect(suspects: &[Suspect], effect: Effect, severity: Severity, operations: [&str; 3]) {
    let [suspect] = suspects else { panic!("one, not {suspects:#?}") };
    assert_eq!((suspect.effect, suspect.severity), (effect, severity), "{suspect}");
    let steps = [&suspect.lookup, &suspect.intervening, &suspect.acting].map(|step| step.operation.as_str());
    assert_eq!(steps, operations, "{suspect}");
}

#[test]
fn the_first_lookup_is_remembered() {
    type Look = fn(&HashMap<u64, &'static str>) -> bool;
    let looks: [(&str, Look); 3] = [
        // buck2, tower-sessions.
        ("get", |map| map.get(&7).is_none()),
        // serial_test, dashmap.
        ("contains_key", |map| !map.contains_key(&7)),
        ("get_key_value", |map| map.get_key_value(&7).is_none()),
    ];
    for (operation, look) in looks {
        let (map, place) = fresh();
        let before = suspects_made_at(place).len();
        let map = RwLock::new(map);
        let is_absent = look(&map.read().unwrap());
        elsewhere(|| insert(&map, "theirs"));
        if is_absent {
            insert(&map, "ours");
        }
        let told = suspects_made_at(place).split_off(before);
        expect(&told, Effect::Overwritten, Severity::Suspect, [operation, "insert", "insert"]);
    }
}

#[test]
fn what_a_write_finds_in_a_fresh_map_is_a_lookup() {
    type Act = fn(&mut HashMap<u64, &'static str>) -> bool;
    let acts: [(&str, Act); 2] = [
        ("get_mut", |map| map.get_mut(&7).is_none()),
        ("get_disjoint_mut", |map| map.get_disjoint_mut([&7])[0].is_none()),
    ];
    for (operation, act) in acts {
        let (map, place) = fresh();
        let before = suspects_made_at(place).len();
        let map = RwLock::new(map);
        assert!(act(&mut map.write().unwrap()));
        elsewhere(|| insert(&map, "theirs"));
        insert(&map, "ours");
        let told = suspects_made_at(place).split_off(before);
        expect(&told, Effect::Overwritten, Severity::Suspect, [operation, "insert", "insert"]);
    }
}

#[test]
fn a_request_put_back_in_a_fresh_map_is_a_hint() {
    let (map, place) = fresh();
    let in_flight = RwLock::new(map);
    insert(&in_flight, "first");
    let existing = in_flight.write().unwrap().insert(7, "second").expect("the first is there");
    elsewhere(|| in_flight.write().unwrap().remove(&7));
    in_flight.write().unwrap().entry(7).and_modify(|there| *there = existing);
    expect(&suspects_made_at(place), Effect::Missed, Severity::Hint, ["insert", "remove", "entry"]);
}
