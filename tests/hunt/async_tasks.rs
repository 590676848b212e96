//! Async programs: how long a runtime's thread is held, and that what its other threads do is found all the same.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Barrier, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use checkedmap::{CheckedMap, Mode, observe};

use crate::child::{PlanPath, Ran, is_child, run, tell, text};
use crate::programs::Map;

/// Long enough for the bound to matter: a delay is meant to bridge twice the time by which two accesses miss each other.
const APART: Duration = Duration::from_millis(5);

/// No delay in vain is repeated so often.
const TURNS: usize = 12;

const MS: u64 = 1_000_000;

/// Tells what the hunt has done.
fn tell_hunt() {
    let hunt = observe::hunt().expect("it is hunted");
    tell("delays", hunt.delays);
    tell("longest", hunt.longest.as_nanos());
    tell("near-misses", observe::shared_pairs().pairs.iter().map(|pair| pair.near_misses).sum::<u64>());
}

/// Runs `program` as a child in which each near miss is worth a delay. In the child, `None`.
fn in_a_hunt(name: &str, hunt: &str, program: impl FnOnce()) -> Option<Ran> {
    if is_child(name) {
        program();
        tell_hunt();
        return None;
    }
    Some(run(name, &[("CHECKEDMAP_HUNT", hunt)]))
}

const ANY_TIME: &str = "window=60s,budget=1";

/// A thread that answers each `true` with an access that no hunt delays, long after.
fn other_side(map: &'static Map) -> (mpsc::Sender<()>, mpsc::Receiver<()>) {
    let (ask, asked) = mpsc::channel();
    let (answer, answers) = mpsc::channel();
    thread::spawn(move || {
        for () in asked {
            thread::sleep(APART);
            map.try_insert(1, 1).expect("the other side is outside");
            // Where the program is through, nobody listens any more.
            let _ = answer.send(());
        }
    });
    (ask, answers)
}

fn leaked(mode: Mode) -> &'static Map {
    Box::leak(Box::new(CheckedMap::builder().name("shared").mode(mode).build()))
}

/// Accesses in turns with those of another thread, so that each is near and none overlaps.
fn take_turns_with_a_thread(insert: impl Fn(&Map)) {
    let map = leaked(Mode::Log);
    let (ask, answers) = other_side(map);
    for _ in 0..TURNS {
        insert(map);
        ask.send(()).expect("the other thread listens");
        answers.recv().expect("the other thread answers");
    }
}

fn insert(map: &Map) {
    map.insert(1, 2);
}

/// A runtime of so many workers; of none, on the thread that waits for it.
fn runtime(workers: usize) -> tokio::runtime::Runtime {
    let mut builder = match workers {
        0 => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    builder.worker_threads(workers.max(1)).enable_all().build().expect("a runtime")
}

#[track_caller]
fn assert_bounded(ran: Option<Ran>) {
    if let Some(ran) = ran {
        assert!(ran.number("delays") > 0, "{:?}", ran.told);
        assert_eq!(ran.number("longest"), MS, "it would be {APART:?} twice over: {:?}", ran.told);
    }
}

#[test]
fn a_thread_of_no_runtime_is_delayed_for_as_long_as_its_pair_asks() {
    const NAME: &str = "async_tasks::a_thread_of_no_runtime_is_delayed_for_as_long_as_its_pair_asks";
    if let Some(ran) = in_a_hunt(NAME, ANY_TIME, || take_turns_with_a_thread(insert)) {
        assert!(ran.number("longest") >= 10 * MS, "the twin of those that are bounded: {:?}", ran.told);
    }
}

#[test]
fn one_of_two_workers_is_delayed_for_as_long_as_its_pair_asks() {
    const NAME: &str = "async_tasks::one_of_two_workers_is_delayed_for_as_long_as_its_pair_asks";
    let ran = in_a_hunt(NAME, ANY_TIME, || {
        let runtime = runtime(2);
        let task = runtime.spawn(async { take_turns_with_a_thread(insert) });
        runtime.block_on(task).expect("the task is through");
    });
    if let Some(ran) = ran {
        assert!(ran.number("longest") >= 10 * MS, "the other worker runs the tasks meanwhile: {:?}", ran.told);
    }
}

#[test]
fn a_runtime_on_one_thread_is_held_for_a_millisecond_at_most() {
    const NAME: &str = "async_tasks::a_runtime_on_one_thread_is_held_for_a_millisecond_at_most";
    assert_bounded(in_a_hunt(NAME, ANY_TIME, || {
        let runtime = runtime(0);
        let task = runtime.spawn(async { take_turns_with_a_thread(insert) });
        runtime.block_on(task).expect("the task is through");
    }));
}

#[test]
fn a_local_set_on_one_thread_is_held_for_a_millisecond_at_most() {
    const NAME: &str = "async_tasks::a_local_set_on_one_thread_is_held_for_a_millisecond_at_most";
    assert_bounded(in_a_hunt(NAME, ANY_TIME, || {
        let tasks = tokio::task::LocalSet::new();
        let task = tasks.spawn_local(async { take_turns_with_a_thread(insert) });
        tasks.block_on(&runtime(0), task).expect("the task is through");
    }));
}

#[test]
fn the_only_worker_is_held_for_a_millisecond_at_most() {
    const NAME: &str = "async_tasks::the_only_worker_is_held_for_a_millisecond_at_most";
    assert_bounded(in_a_hunt(NAME, ANY_TIME, || {
        let runtime = runtime(1);
        let task = runtime.spawn(async { take_turns_with_a_thread(insert) });
        runtime.block_on(task).expect("the task is through");
    }));
}

/// Another thread takes the worker's place, which cannot be told from here.
#[test]
fn a_worker_that_blocks_in_place_is_held_for_a_millisecond_at_most() {
    const NAME: &str = "async_tasks::a_worker_that_blocks_in_place_is_held_for_a_millisecond_at_most";
    assert_bounded(in_a_hunt(NAME, ANY_TIME, || {
        let runtime = runtime(1);
        let task = runtime.spawn(async {
            take_turns_with_a_thread(|map| tokio::task::block_in_place(|| insert(map)));
        });
        runtime.block_on(task).expect("the task is through");
    }));
}

/// Two tasks that give way to each other after each access, each with a place of its own.
async fn two_tasks(map: &Map) {
    let (mut one, mut other) = (pin!(many(map, insert)), pin!(many(map, |map| _ = map.remove(&1))));
    let (mut one_ready, mut other_ready) = (false, false);
    poll_fn(|context| {
        one_ready = one_ready || one.as_mut().poll(context).is_ready();
        other_ready = other_ready || other.as_mut().poll(context).is_ready();
        if one_ready && other_ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

async fn many(map: &Map, access: impl Fn(&Map)) {
    for _ in 0..100 {
        access(map);
        let mut gave_way = false;
        poll_fn(|context| {
            context.waker().wake_by_ref();
            if std::mem::replace(&mut gave_way, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// The least there is of a runtime: it asks again and again.
fn block_on(future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    while future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
}

#[track_caller]
fn assert_left_alone(ran: Option<Ran>) {
    if let Some(ran) = ran {
        assert_eq!((ran.number("near-misses"), ran.number("delays")), (0, 0), "{:?}", ran.told);
    }
}

#[test]
fn tasks_on_one_thread_are_not_delayed_for_each_other() {
    const NAME: &str = "async_tasks::tasks_on_one_thread_are_not_delayed_for_each_other";
    assert_left_alone(in_a_hunt(NAME, ANY_TIME, || {
        let map = leaked(Mode::Panic);
        runtime(0).block_on(async {
            let tasks = [tokio::spawn(many(map, insert)), tokio::spawn(many(map, |map| _ = map.remove(&1)))];
            for task in tasks {
                task.await.expect("the tasks take turns");
            }
        });
        // A worker of its own, which is one thread too.
        let only_worker = runtime(1);
        let map = leaked(Mode::Panic);
        let tasks = [only_worker.spawn(many(map, insert)), only_worker.spawn(many(map, |map| _ = map.remove(&1)))];
        for task in tasks {
            only_worker.block_on(task).expect("the tasks take turns");
        }
        let map = leaked(Mode::Panic);
        let local = tokio::task::LocalSet::new();
        local.spawn_local(many(map, insert));
        local.spawn_local(many(map, |map| _ = map.remove(&1)));
        // On this thread, though the runtime has others.
        runtime(2).block_on(local);
    }));
}

#[test]
fn tasks_on_one_thread_of_another_runtime_are_not_delayed_for_each_other() {
    const NAME: &str = "async_tasks::tasks_on_one_thread_of_another_runtime_are_not_delayed_for_each_other";
    assert_left_alone(in_a_hunt(NAME, ANY_TIME, || block_on(two_tasks(leaked(Mode::Panic)))));
}

/// What the hunt's page says to set there.
#[test]
fn another_runtime_is_held_for_the_longest_delay_that_is_set() {
    const NAME: &str = "async_tasks::another_runtime_is_held_for_the_longest_delay_that_is_set";
    let program = || block_on(async { take_turns_with_a_thread(insert) });
    if let Some(ran) = in_a_hunt(NAME, "delay=1ms,window=60s,budget=1", program) {
        assert_eq!(ran.number("longest"), MS, "{:?}", ran.told);
    }
}

/// Twice as many as there are delays in vain.
const ROUNDS: usize = 40;

/// Runs `race` in a process, and if it finds nothing in another one with the first one's plan. Whether that finds something.
fn is_found_within_two_runs(name: &str, race: impl FnOnce(&'static Map)) -> Option<bool> {
    if is_child(name) {
        race(leaked(Mode::Log));
        tell("detected", checkedmap::books().detected);
        return None;
    }
    let plan = PlanPath::new();
    let path = plan.path();
    let variables = [("CHECKEDMAP_HUNT", "1"), ("CHECKEDMAP_HUNT_PLAN", text(&path)), ("CHECKEDMAP_REPORT", "off")];
    Some((0..2).any(|_| run(name, &variables).number("detected") > 0))
}

#[test]
fn a_race_of_two_workers_is_found_within_two_runs() {
    const NAME: &str = "async_tasks::a_race_of_two_workers_is_found_within_two_runs";
    let found = is_found_within_two_runs(NAME, |map| {
        let runtime = runtime(2);
        // Blocks the worker, so that the two tasks are on different ones.
        let barrier: &'static Barrier = Box::leak(Box::new(Barrier::new(2)));
        let racing = |nth: u64| async move {
            for _ in 0..ROUNDS {
                barrier.wait();
                map.insert(nth, nth);
            }
        };
        let tasks = [runtime.spawn(racing(1)), runtime.spawn(racing(2))];
        for task in tasks {
            runtime.block_on(task).expect("the mode is log");
        }
    });
    assert!(found.is_none_or(|found| found));
}

/// The runtime's thread is held for a millisecond at most, and that is enough.
#[test]
fn a_race_of_a_task_with_a_blocking_job_is_found_within_two_runs() {
    const NAME: &str = "async_tasks::a_race_of_a_task_with_a_blocking_job_is_found_within_two_runs";
    let found = is_found_within_two_runs(NAME, |map| {
        runtime(0).block_on(async {
            for nth in 0..ROUNDS as u64 {
                let (started, starting) = tokio::sync::oneshot::channel();
                let job = tokio::task::spawn_blocking(move || {
                    let _ = started.send(());
                    map.insert(1, nth);
                });
                starting.await.expect("the job is on its way");
                map.insert(2, nth);
                job.await.expect("the mode is log");
            }
        });
    });
    assert!(found.is_none_or(|found| found));
}
