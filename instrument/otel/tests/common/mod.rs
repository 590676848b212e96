//! What the tests share: conflicts by construction, and a collector in the process.
#![allow(dead_code, unreachable_pub)]

pub mod collector;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use checkedmap::{CheckedMap, observe};

/// Long enough for any machine; a test that needs it fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until something is so.
pub fn until(what: &str, mut so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Conflicts the library has seen on the map of this name.
pub fn conflicts(name: &str) -> u64 {
    observe::maps().iter().filter(|map| map.name == name).map(|map| map.conflicts).sum()
}

/// A thread named `holder` reads the map until one named `contender`, which writes, is refused and waits. `Mode::Log` and
/// `Mode::Fallback` only.
pub fn collide(map: &CheckedMap<u32, u32>) {
    collide_in(map, || (), || ());
}

/// The same, with something that each side keeps alive around its access, such as the current span.
pub fn collide_in<H, C>(
    map: &CheckedMap<u32, u32>,
    holding: impl FnOnce() -> H + Send,
    contending: impl FnOnce() -> C + Send,
) {
    let name = map.name().expect("a name to observe it by");
    let before = conflicts(name);
    let (held, is_held) = mpsc::channel();
    thread::scope(|scope| {
        let holder = move || {
            let _around = holding();
            let guard = map.read();
            held.send(()).unwrap();
            until("the conflict", || conflicts(name) > before);
            drop(guard);
        };
        let contender = move || {
            let _around = contending();
            is_held.recv().unwrap();
            map.insert(1, 1);
        };
        thread::Builder::new().name("holder".to_owned()).spawn_scoped(scope, holder).unwrap();
        thread::Builder::new().name("contender".to_owned()).spawn_scoped(scope, contender).unwrap();
    });
}

/// A thread named `checker` looks a key up and finds nothing, one named `meddler` inserts it, and the first inserts it all the
/// same. For maps with stale checks.
pub fn check_then_act(map: &CheckedMap<u32, u32>, key: u32) {
    check_then_act_in(map, key, || ());
}

/// The same, with something that the checker keeps alive around its second access.
pub fn check_then_act_in<A>(map: &CheckedMap<u32, u32>, key: u32, acting: impl FnOnce() -> A + Send) {
    thread::scope(|scope| {
        let meddler = || assert_eq!(map.insert(key, 1), None);
        let checker = move || {
            assert!(!map.contains_key(&key));
            thread::Builder::new().name("meddler".to_owned()).spawn_scoped(scope, meddler).unwrap().join().unwrap();
            let _around = acting();
            assert_eq!(map.insert(key, 2), Some(1));
        };
        thread::Builder::new().name("checker".to_owned()).spawn_scoped(scope, checker).unwrap();
    });
}
