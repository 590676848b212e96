//! A refresh is spawned for a key unless one is under way, which is looked up and noted in two calls, by tasks.
//!
//! Source: hit-box/hitbox issue 208

use std::sync::{Arc, Mutex};
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::stale();

pub(super) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    runtime.block_on(async {
        let under_way: Arc<Mutex<CheckedMap<u32, u32>>> = Arc::new(Mutex::new(CheckedMap::named("under way")));
        let tasks: Vec<_> = (0..30)
            .map(|request| {
                let under_way = Arc::clone(&under_way);
                tokio::spawn(async move {
                    let key = request % 6;
                    if under_way.lock().unwrap().contains_key(&key) {
                        return;
                    }
                    tokio::time::sleep(Duration::from_micros(300)).await;
                    under_way.lock().unwrap().insert(key, request);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}
