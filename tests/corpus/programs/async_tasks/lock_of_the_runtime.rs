//! Tasks share the map behind the runtime's own lock, and hold it across a wait.
//!
//! Source: rusty-celery/rusty-celery pull request 97

use std::sync::Arc;
use std::time::Duration;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::none();

pub(super) fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    runtime.block_on(async {
        let registered = Arc::new(tokio::sync::Mutex::new(CheckedMap::named("registered")));
        let tasks: Vec<_> = (0..6)
            .map(|task| {
                let registered = Arc::clone(&registered);
                tokio::spawn(async move {
                    let names = registered.lock().await;
                    names.insert(task, "started");
                    tokio::time::sleep(Duration::from_micros(100)).await;
                    names.insert(task, "ended");
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}
