//! Async tasks: it is the task that looks and acts, whichever thread it happens to run on.
#![cfg(feature = "tokio")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use checkedmap::CheckedMap;
use checkedmap::report::Effect;

use crate::stage::{elsewhere, expect_silence, map, repeats, suspect};

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

/// A runtime without threads of its own runs its tasks on whichever thread waits for it.
#[test]
fn a_task_that_changes_threads_is_still_itself() {
    let map: Arc<CheckedMap<u64, u32>> = Arc::new(map("task on two threads"));
    let scene = Arc::new(AtomicU32::new(0));
    map.insert(7, 0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let task = runtime.spawn({
        let (map, scene) = (Arc::clone(&map), Arc::clone(&scene));
        async move {
            let seen = *map.get(&7).unwrap();
            scene.store(1, Ordering::SeqCst);
            reach(&scene, 2).await;
            map.insert(7, seen + 1);
        }
    });
    runtime.block_on(reach(&scene, 1));
    map.insert(7, 10);
    scene.store(2, Ordering::SeqCst);
    elsewhere(|| runtime.block_on(task).unwrap());
    let suspect = suspect("task on two threads");
    assert_eq!(suspect.effect, Effect::Overwritten);
    assert_ne!(suspect.lookup.thread.id, suspect.acting.thread.id);
    assert_eq!(suspect.lookup.context.task, suspect.acting.context.task);
}

/// Noise, and known for it: nobody else was there.
#[test]
fn a_task_and_the_spawn_blocking_it_awaits_are_two() {
    let map: Arc<CheckedMap<u64, u32>> = Arc::new(map("spawn_blocking"));
    on_one_thread(async {
        let ours = Arc::clone(&map);
        let task = tokio::spawn(async move {
            assert!(!ours.contains_key(&7));
            let blocking = Arc::clone(&ours);
            tokio::task::spawn_blocking(move || blocking.insert(7, 1)).await.unwrap();
            ours.insert(7, 2);
        });
        task.await.unwrap();
    });
    let suspect = suspect("spawn_blocking");
    assert_ne!(suspect.intervening.context.task, suspect.acting.context.task);
}

/// Polled by two threads in turn, which write for themselves meanwhile.
#[test]
fn a_future_is_intended_whichever_thread_polls_it() {
    use checkedmap::stale::intended_async;
    use std::task::{Context, Waker};

    let map: CheckedMap<u64, u32> = map("intended future");
    let write = |key| {
        assert!(!map.contains_key(&key));
        elsewhere(|| map.insert(key, 1));
        map.insert(key, 2);
    };
    let mut context = Context::from_waker(Waker::noop());
    let mut future = Box::pin(intended_async(async {
        write(7);
        tokio::task::yield_now().await;
        write(8);
        tokio::task::yield_now().await;
        write(9);
    }));
    assert!(future.as_mut().poll(&mut context).is_pending());
    elsewhere(|| assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending()));
    expect_silence("intended future");
    write(10);
    assert_eq!(suspect("intended future").effect, Effect::Overwritten, "the future waits");
    assert!(future.as_mut().poll(&mut context).is_ready());
    assert_eq!(suspect("intended future").count + repeats("intended future"), 1, "no more than that one");
}

#[test]
fn what_another_task_of_the_thread_looked_up_is_not_ones_own() {
    let map: Arc<CheckedMap<u64, u32>> = Arc::new(map("task beside a task"));
    map.insert(7, 0);
    on_one_thread(async {
        let looking = Arc::clone(&map);
        tokio::spawn(async move { looking.get(&7).map(|value| *value) }).await.unwrap();
        elsewhere(|| map.insert(7, 1));
        // Nobody who writes here has looked.
        let writing = Arc::clone(&map);
        tokio::spawn(async move { writing.insert(7, 2) }).await.unwrap();
    });
    expect_silence("task beside a task");
}
