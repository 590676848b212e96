//! The pool's threads take jobs of all kinds, and the one lock whenever a job needs the map.
//!
//! Source: justtrackio/gosoline pull request 289

use std::sync::Mutex;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let stock: Mutex<CheckedMap<u32, u32>> = Mutex::new(CheckedMap::named("stock"));
    pool.scope(|scope| {
        for job in 0..40 {
            let stock = &stock;
            scope.spawn(move |_| {
                let stock = stock.lock().unwrap();
                match job % 3 {
                    0 => {
                        stock.insert(job, 1);
                    }
                    1 => {
                        stock.remove(&(job - 1));
                    }
                    _ => assert!(stock.len() <= 40),
                }
            });
        }
    });
}
