//! Rounds: every entrant of a table in turn, again and again, on threads that stay the same.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::noise;
use crate::stats::Spread;

/// One line of a table.
pub(crate) trait Entrant: Sync {
    fn name(&self) -> &'static str;

    /// Makes `operations` of them, as thread number `thread`.
    fn run(&self, thread: usize, operations: u64);

    /// How many threads this round takes, where it is not the table's number.
    fn threads(&self, table: usize) -> usize {
        table
    }

    /// Operations come in multiples of this.
    fn whole(&self) -> u64 {
        1
    }

    /// Whether it can be tried out with fewer operations than [`Entrant::whole`].
    fn must_be_whole(&self) -> bool {
        false
    }

    /// Nanoseconds per operation, where the entrant takes the time itself.
    fn run_elsewhere(&self, _threads: usize, _operations: u64) -> Option<f64> {
        None
    }
}

/// How long to play.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) rounds: usize,
    pub(crate) round: Duration,
}

impl Pace {
    /// `large` maps take longer rounds, since each lookup takes longer.
    pub(crate) fn quick(large: bool) -> Self {
        Self { rounds: 21, round: Duration::from_micros(if large { 200 } else { 60 }) }
    }

    pub(crate) fn full(large: bool) -> Self {
        Self { rounds: 61, round: Duration::from_micros(if large { 600 } else { 200 }) }
    }
}

/// A round that lost the processor is played again, for up to this many times as long as all rounds should take.
const PATIENCE: u32 = 4;
/// Threads that must run beside each other find two processors free less often.
const PATIENCE_OF_MANY: u32 = 12;

/// Threads of a round must have begun within this part of its length, or they did not run beside each other.
const LATE: f64 = 0.1;

struct Order {
    entrant: usize,
    operations: u64,
    threads: usize,
}

struct Timing {
    began: Instant,
    took: Duration,
    calm: bool,
}

/// A barrier that does not put anybody to sleep: all are running when it opens.
struct Line {
    arrived: AtomicUsize,
}

impl Line {
    fn wait(&self, threads: usize) {
        // AcqRel: everybody's arrival comes before anybody's start.
        self.arrived.fetch_add(1, Ordering::AcqRel);
        let mut spins = 0_u32;
        // Acquire: as above.
        while self.arrived.load(Ordering::Acquire) < threads {
            spins += 1;
            if spins.is_multiple_of(1 << 12) { thread::yield_now() } else { std::hint::spin_loop() }
        }
    }
}

/// Plays the table's rounds. One spread for each entrant, in their order.
pub(crate) fn race(entrants: &[&dyn Entrant], threads: usize, pace: Pace) -> Vec<Spread> {
    let line = Line { arrived: AtomicUsize::new(0) };
    thread::scope(|scope| {
        let (results, timings) = mpsc::channel::<Timing>();
        let helpers: Vec<_> = (1..threads)
            .map(|number| {
                let (orders, inbox) = mpsc::channel::<Order>();
                let (line, results) = (&line, results.clone());
                scope.spawn(move || {
                    for Order { entrant, operations, threads } in inbox {
                        let timing = stint(line, threads, entrants[entrant], number, operations);
                        let _ = results.send(timing);
                    }
                });
                orders
            })
            .collect();
        let play = |entrant: usize, operations: u64| -> (f64, bool) {
            let threads = entrants[entrant].threads(threads);
            if let Some(time) = entrants[entrant].run_elsewhere(threads, operations) {
                return (time, true);
            }
            // Release: before the orders, which the helpers receive after.
            line.arrived.store(0, Ordering::Release);
            for helper in helpers.iter().take(threads - 1) {
                let _ = helper.send(Order { entrant, operations, threads });
            }
            let own = stint(&line, threads, entrants[entrant], 0, operations);
            let mut all = vec![own];
            all.extend((1..threads).map(|_| timings.recv().expect("helpers answer every order")));
            sum_up(&all, operations)
        };
        rounds(entrants, threads, pace, play)
    })
}

fn stint(line: &Line, threads: usize, entrant: &dyn Entrant, thread: usize, operations: u64) -> Timing {
    // Untimed: the other entrants have used the caches meanwhile.
    if threads == 1 {
        entrant.run(thread, operations / 8 + 1);
    }
    let before = noise::times_preempted();
    line.wait(threads);
    let began = Instant::now();
    entrant.run(thread, operations);
    let took = began.elapsed();
    Timing { began, took, calm: noise::times_preempted() == before }
}

/// Nanoseconds per operation of all threads together, and whether they ran undisturbed beside each other.
fn sum_up(timings: &[Timing], operations: u64) -> (f64, bool) {
    let first = timings.iter().map(|timing| timing.began).min().expect("a round has a thread");
    let last = timings.iter().map(|timing| timing.began).max().expect("a round has a thread");
    let end = timings.iter().map(|timing| timing.began + timing.took).max().expect("a round has a thread");
    let total = (end - first).as_nanos() as f64;
    let together = last - first <= (end - first).mul_f64(LATE);
    (total / (operations * timings.len() as u64) as f64, together && timings.iter().all(|timing| timing.calm))
}

fn rounds(
    entrants: &[&dyn Entrant],
    threads: usize,
    pace: Pace,
    play: impl Fn(usize, u64) -> (f64, bool),
) -> Vec<Spread> {
    let lengths: Vec<u64> = (0..entrants.len())
        .map(|entrant| {
            let whole = entrants[entrant].whole();
            let least = if entrants[entrant].must_be_whole() { whole } else { 64 };
            length(pace.round, least, |n| play(entrant, n)).next_multiple_of(whole)
        })
        .collect();
    let entrants = entrants.len();
    let mut calm: Vec<Vec<f64>> = vec![Vec::new(); entrants];
    let mut rough: Vec<Vec<f64>> = vec![Vec::new(); entrants];
    let patience = if threads == 1 { PATIENCE } else { PATIENCE_OF_MANY };
    let deadline = Instant::now() + pace.round * pace.rounds as u32 * entrants as u32 * patience;
    for round in 0.. {
        for step in 0..entrants {
            // Nobody always follows the same neighbour, which leaves its caches behind.
            let entrant = if round % 2 == 0 { (round + step) % entrants } else { (round + entrants - step) % entrants };
            if calm[entrant].len() < pace.rounds {
                let (time, undisturbed) = play(entrant, lengths[entrant]);
                if undisturbed { calm[entrant].push(time) } else { rough[entrant].push(time) }
            }
        }
        if calm.iter().all(|samples| samples.len() == pace.rounds) || Instant::now() >= deadline {
            break;
        }
    }
    calm.into_iter().zip(rough).map(|(calm, rough)| merged(calm, rough, pace.rounds)).collect()
}

/// The calm rounds; filled up with rough ones where they are too few to say anything.
fn merged(mut calm: Vec<f64>, rough: Vec<f64>, wanted: usize) -> Spread {
    let undisturbed = calm.len();
    if undisturbed < wanted.div_ceil(4) {
        calm.extend(rough.into_iter().take(wanted - undisturbed));
    }
    Spread::of(&calm, undisturbed)
}

/// How many operations fill a round.
fn length(round: Duration, least: u64, play: impl Fn(u64) -> (f64, bool)) -> u64 {
    let mut operations = least;
    loop {
        // The best of three: one that lost the processor would make all rounds too short.
        let time = (0..3).map(|_| play(operations).0).fold(f64::INFINITY, f64::min);
        let total = time * operations as f64;
        let wanted = round.as_nanos() as f64;
        if total >= wanted / 4.0 || operations >= 1 << 30 {
            return ((wanted / time.max(0.01)) as u64).max(16);
        }
        operations *= 4;
    }
}
