//! Two threads that collide as often as they are told, each time on a map of its own, so that no report is folded into another.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use checkedmap::{CheckedMap, Mode, observe};

/// The name of both threads, by which their processor time is found.
pub(crate) const THREADS: &str = "collides";

const NAME: &str = "measured";

/// How one conflict went.
#[derive(Clone, Copy)]
pub(crate) struct Took {
    pub(crate) wait: Duration,
    pub(crate) leave: Duration,
}

/// One map, and when its holder began to leave.
struct Round {
    map: CheckedMap<u32, u32>,
    held: Barrier,
    left: OnceLock<Instant>,
}

impl Round {
    fn new() -> Arc<Self> {
        let map = CheckedMap::builder().name(NAME).mode(Mode::Log).build();
        Arc::new(Self { map, held: Barrier::new(2), left: OnceLock::new() })
    }

    /// Holds the map until the contender has been refused.
    fn hold(&self) -> Duration {
        let guard = self.map.read();
        self.held.wait();
        while observe::maps().iter().all(|map| map.conflicts == 0) {
            thread::yield_now();
        }
        let began = Instant::now();
        self.left.set(began).expect("one holder for each round");
        drop(guard);
        began.elapsed()
    }

    /// Is refused, and waits.
    fn contend(&self) -> Duration {
        self.held.wait();
        self.map.insert(1, 1);
        self.left.get().expect("the holder left before this").elapsed()
    }
}

/// The threads.
pub(crate) struct Pair {
    holder: Worker,
    contender: Worker,
}

struct Worker {
    rounds: Sender<Arc<Round>>,
    took: Receiver<Duration>,
}

impl Worker {
    fn start(work: fn(&Round) -> Duration) -> Self {
        let (rounds, todo) = channel::<Arc<Round>>();
        let (done, took) = channel();
        let run = move || {
            for round in todo {
                if done.send(work(&round)).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().name(THREADS.to_owned()).spawn(run).expect("a thread");
        Self { rounds, took }
    }
}

impl Pair {
    pub(crate) fn start() -> Self {
        Self { holder: Worker::start(Round::hold), contender: Worker::start(Round::contend) }
    }

    /// So many conflicts, one after the other.
    pub(crate) fn collide(&self, conflicts: usize) -> Vec<Took> {
        let once = || {
            let round = Round::new();
            self.holder.rounds.send(Arc::clone(&round)).expect("the holder lives");
            self.contender.rounds.send(round).expect("the contender lives");
            let leave = self.holder.took.recv().expect("the holder lives");
            let wait = self.contender.took.recv().expect("the contender lives");
            Took { wait, leave }
        };
        std::iter::repeat_with(once).take(conflicts).collect()
    }
}
