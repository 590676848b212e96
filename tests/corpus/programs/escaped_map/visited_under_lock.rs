//! Who wants the entries hands a closure in, which runs while the lock is held.
//!
//! Source: vespa-engine/vespa pull request 15339

use std::sync::Mutex;
use std::thread;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

struct Results(Mutex<CheckedMap<u32, f32>>);

impl Results {
    fn visit(&self, mut each: impl FnMut(u32, f32)) {
        let results = self.0.lock().unwrap();
        results.with(|all| all.iter().for_each(|(document, score)| each(*document, *score)));
    }
}

pub(super) fn run() {
    let results = Results(Mutex::new(CheckedMap::named("results")));
    thread::scope(|scope| {
        scope.spawn(|| {
            (0..30).for_each(|document| {
                results.0.lock().unwrap().insert(document, 0.5);
            })
        });
        for _ in 0..10 {
            let mut best = 0.0;
            results.visit(|_document, score| best = f32::max(best, score));
        }
    });
}
