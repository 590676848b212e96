//! All tasks run on one thread, so they take turns where they wait, and no access is open there.
//!
//! Source: apollographql/router pull request 235

use std::rc::Rc;

use checkedmap::CheckedMap;

use crate::programs::Expectation;

pub(super) const EXPECTATION: Expectation = Expectation::apart();

pub(super) fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let tasks = tokio::task::LocalSet::new();
    let answers: Rc<CheckedMap<u32, u32>> = Rc::new(CheckedMap::named("answers"));
    for client in 0..4 {
        let answers = Rc::clone(&answers);
        tasks.spawn_local(async move {
            for question in 0..10 {
                answers.insert(question * 4 + client, client);
                tokio::task::yield_now().await;
            }
        });
    }
    runtime.block_on(tasks);
    assert_eq!(answers.len(), 40);
}
