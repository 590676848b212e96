//! What was found to be expired is looked at again, under the lock, before it is removed.
//!
//! Source: majiayu000/harness pull request 444

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let tokens: Mutex<CheckedMap<u32, u32>> = Mutex::new((0..5).map(|token| (token, 0)).collect());
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..30 {
                tokens.lock().unwrap().insert(round % 5, round);
                thread::sleep(Duration::from_micros(50));
            }
        });
        scope.spawn(|| {
            for round in 0..10 {
                for token in 0..5 {
                    let seen = tokens.lock().unwrap().get(&token).is_some_and(|used| *used < round);
                    thread::sleep(Duration::from_micros(30));
                    let tokens = tokens.lock().unwrap();
                    if seen && tokens.get(&token).is_some_and(|used| *used < round) {
                        tokens.remove(&token);
                    }
                }
            }
        });
    });
}
