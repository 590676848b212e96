//! What the tests' programs are made of.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, Mode, observe};

/// No test waits longer for something that must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) type Map = CheckedMap<u64, u64>;

/// Ten threads that write one key each, and nothing that puts them in order.
pub(crate) fn ten_threads() {
    let map = CheckedMap::builder().name("shared").mode(Mode::Log).build();
    thread::scope(|scope| {
        for key in 0..10 {
            let map = &map;
            scope.spawn(move || map.insert(key, key));
        }
    });
}

/// Two threads take turns, each waiting until the other is through, so that they never overlap. How many delays the hunt had
/// made after each turn.
pub(crate) fn take_turns<R>(turns: usize, turn: impl Fn() -> R + Sync) -> Vec<u64> {
    let delays = || observe::hunt().map_or(0, |hunt| hunt.delays);
    let (go, going) = mpsc::channel();
    let (done, doing) = mpsc::channel();
    thread::scope(|scope| {
        let turn = &turn;
        scope.spawn(move || {
            for () in going {
                turn();
                done.send(()).expect("the other thread waits for it");
            }
        });
        let made = (0..turns).map(|_| {
            turn();
            go.send(()).expect("the other thread waits for it");
            doing.recv().expect("the other thread answers");
            delays()
        });
        let made = made.collect();
        drop(go);
        made
    })
}
