//! What a monitor sees. One process, so that no other test's maps and waits come between.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use checkedmap::{
    CheckedMap, Circuit, Config, ConflictKind, Hunt, Mode, StaleChecks, observe, set_hunt, set_stale_checks,
};

/// A read is held while a write asks to come in; the write gets its turn once the map has seen the conflict.
fn collide(map: &CheckedMap<u32, u32>) {
    let (held, holding) = mpsc::channel();
    let before = status(map.name().unwrap()).conflicts;
    thread::scope(|scope| {
        scope.spawn(move || {
            let guard = map.read();
            held.send(()).unwrap();
            let deadline = Instant::now() + Duration::from_secs(30);
            while status(map.name().unwrap()).conflicts == before && Instant::now() < deadline {
                thread::yield_now();
            }
            drop(guard);
        });
        holding.recv().unwrap();
        map.insert(1, 1);
    });
}

fn status(name: &str) -> observe::MapStatus {
    observe::maps().into_iter().find(|map| map.name == name).expect("it is alive")
}

#[test]
fn a_monitor_sees_maps_conflicts_circuits_and_waits() {
    Config::new().with_report([]).with_recover(Duration::from_secs(3600)).apply();
    assert_eq!(observe::take_waits(), observe::Waits::default());

    let orders = CheckedMap::builder().name("orders").mode(Mode::Log).build();
    let sessions = CheckedMap::builder().name("sessions").mode(Mode::Fallback).build();
    let _nameless = CheckedMap::<u32, u32>::new();
    let alive: Vec<_> = observe::maps().into_iter().map(|map| (map.name, map.mode, map.circuit)).collect();
    let expected = [("orders", Mode::Log, Circuit::Checked), ("sessions", Mode::Fallback, Circuit::Checked)];
    assert_eq!(alive, expected.map(|(name, mode, circuit)| (name.to_owned(), mode, circuit)));

    let watched = || ["orders", "sessions"].map(status).map(|map| (map.stale_checks, map.hunt));
    assert_eq!(watched(), [(false, false); 2]);
    set_stale_checks(StaleChecks::new().with_maps(["orders"]));
    set_hunt(Hunt::new().with_maps(["sessions"]));
    assert_eq!(watched(), [(true, false), (false, true)]);
    orders.set_hunt(true);
    sessions.set_hunt(false);
    assert_eq!(watched(), [(true, true), (false, false)], "their own word comes first");
    set_stale_checks(None);
    set_hunt(None);
    orders.set_hunt(None);

    let before = observe::accesses();
    orders.insert(1, 2);
    assert!(observe::accesses() > before, "an access is counted");

    collide(&orders);
    let seen = status("orders");
    assert_eq!((seen.conflicts, seen.waits, seen.trips, seen.circuit), (1, 1, 0, Circuit::Checked));
    collide(&sessions);
    let seen = status("sessions");
    assert_eq!((seen.conflicts, seen.waits, seen.trips, seen.circuit), (1, 1, 1, Circuit::Degraded));

    let waits = observe::take_waits();
    let waited: Duration = waits.waits.iter().map(|wait| wait.waited).sum();
    assert_eq!(waited, status("orders").waited + status("sessions").waited);
    let waits: Vec<_> = waits.waits.into_iter().map(|wait| (wait.map, wait.kind)).collect();
    assert_eq!(waits, ["orders", "sessions"].map(|name| (name.to_owned(), ConflictKind::ReadWrite)));
    assert_eq!(observe::take_waits(), observe::Waits::default());

    // Moved is still there, dropped is not; and a map that never conflicts is not said to have done so.
    let moved = Box::new(sessions);
    assert_eq!(status("sessions").id, status(moved.name().unwrap()).id);
    drop(orders);
    assert_eq!(observe::maps().len(), 1);
    moved.set_mode(Mode::Log);
    assert_eq!(status("sessions").mode, Mode::Log);
    moved.insert(3, 3);
    assert_ne!(status("sessions").circuit, Circuit::Degraded, "out of fallback mode the next access recovers it");
}
