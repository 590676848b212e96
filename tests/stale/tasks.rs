//! Async tasks: it is the task that looks and acts, whichever thread it happens to run on.
#![cfg(feature = "tokio")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use checkedmap::CheckedMap;
use checkedmap::report::Effect;

use crate::stage::{expect_silence, map, suspect};

/// Gives way to the other tasks until the scene has come to a step.
async fn reach(scene: &AtomicU32, step: u32) {
    while scene.load(Ordering::SeqCst) < step {
        tokio::task::yield_now().await;
    }
}

fn on_one_thread<R>(scene: impl Future<Output = R>) -> R {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(scene)
}

#[test]
fn two_tasks_of_one_thread_are_told_apart() {
    let map: Arc<CheckedMap<u64, &str>> = Arc::new(map("tasks"));
    let scene = Arc::new(AtomicU32::new(0));
    on_one_thread(async {
        let ours = tokio::spawn({
            let (map, scene) = (Arc::clone(&map), Arc::clone(&scene));
            async move {
                assert!(!map.contains_key(&7));
                scene.store(1, Ordering::SeqCst);
                reach(&scene, 2).await;
                map.insert(7, "ours");
            }
        });
        let theirs = tokio::spawn(async move {
            reach(&scene, 1).await;
            map.insert(7, "theirs");
            scene.store(2, Ordering::SeqCst);
        });
        ours.await.unwrap();
        theirs.await.unwrap();
    });
    let suspect = suspect("tasks");
    assert_eq!(suspect.effect, Effect::Overwritten);
    assert_eq!(suspect.lookup.thread.id, suspect.intervening.thread.id);
    let tasks = [&suspect.lookup, &suspect.intervening, &suspect.acting].map(|step| step.context.task.clone());
    assert!(tasks[0].is_some() && tasks[0] == tasks[2] && tasks[0] != tasks[1], "{tasks:?}");
}

#[test]
fn a_task_that_changes_threads_is_still_itself() {
    let map: Arc<CheckedMap<u64, u32>> = Arc::new(map("task on two threads"));
    map.insert(7, 0);
    let task = {
        let map = Arc::clone(&map);
        async move {
            let seen = *map.get(&7).unwrap();
            let here = std::thread::current().id();
            // Its first write takes place on another thread, and the second one rests on nothing older.
            tokio::task::yield_now().await;
            map.insert(7, seen + 1);
            map.insert(7, seen + 2);
            (here, std::thread::current().id())
        }
    };
    // A future that is polled by hand under one task, on two threads in turn.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async { tokio::spawn(task).await.unwrap() });
    expect_silence("task on two threads");
}
