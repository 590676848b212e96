//! Names are cached as C strings: looked up under the read lock, made, stored under the write lock.
//!
//! Source: mlir-rs/melior pull request 206

use std::ffi::CString;
use std::sync::{Barrier, RwLock};
use std::thread;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

pub(super) fn run() {
    let cache: RwLock<CheckedMap<String, CString>> = RwLock::new(CheckedMap::named("strings"));
    let reference = |name: &str| {
        if let Some(made) = cache.read().unwrap().get(name) {
            return made.as_bytes().len();
        }
        // Another thread has its turn here, as it has now and then without it.
        thread::sleep(Duration::from_micros(50));
        let made = CString::new(name).unwrap();
        let length = made.as_bytes().len();
        cache.write().unwrap().insert(name.to_owned(), made);
        length
    };
    for test in 0..30 {
        let (start, name) = (Barrier::new(3), format!("llvm.{test}"));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    start.wait();
                    reference(&name)
                });
            }
        });
    }
}
