//! The worst case of the regimes: owners that change just as the gate has settled, against the counted regime alone.
//!
//! Two threads take turns at one map by an atomic that says whose turn it is. A turn is a streak of inserts, of a fixed length,
//! or of the length at which the policy makes the thread the owner: the next turn then always has to take that back. Which
//! regimes there are is decided once in a process, so the two sides are measured by children of the benchmark, in turn.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use checkedmap::CheckedMap;

use crate::keys::keys;
use crate::matrix::SMALL;
use crate::noise;
use crate::stats::Spread;

/// Streaks of inserts. The policy asks for 16 first and for four times as many after each that was ended soon.
const STREAKS: [usize; 14] = [1, 2, 4, 8, 15, 16, 17, 18, 32, 64, 65, 257, 1025, 4097];
/// How many inserts a streak's measurement makes at most, on a fresh map.
const INSERTS: usize = 100_000;
/// How often the turn changes in it at most. On a busy machine a change takes long.
const TURNS: usize = 2_000;
const FIRST: usize = 16;
const FACTOR: usize = 4;
const LONGEST: usize = 1 << 16;

/// The answer to one kind of alternation.
pub(crate) struct Worst {
    pub(crate) streak: String,
    /// Nanoseconds per insert.
    pub(crate) counted: Spread,
    pub(crate) regimes: Spread,
}

impl Worst {
    pub(crate) fn ratio(&self) -> f64 {
        self.regimes.median / self.counted.median
    }
}

/// In the child: one line a round, nanoseconds per insert for each streak, the adversary's last.
pub(crate) fn errand(rounds: usize) {
    for _ in 0..rounds {
        let mut times: Vec<String> = STREAKS.iter().map(|streak| format!("{:.3}", alternate(|_| *streak))).collect();
        // One insert more than asked for: the streak is long enough with the last but one, and the last is made as owner.
        times.push(format!("{:.3}", alternate(|turn| (FIRST * FACTOR.pow(turn.min(6) as u32)).min(LONGEST) + 1)));
        println!("{}", times.join(" "));
    }
}

/// Nanoseconds that an insert takes; the hand-over is left out, and so are streaks in which the thread lost its processor.
fn alternate(streak: impl Fn(usize) -> usize + Sync) -> f64 {
    let map = CheckedMap::with_capacity_and_hasher(SMALL, foldhash::fast::RandomState::default());
    let keys = keys::<u64>(SMALL);
    let turn = AtomicUsize::new(0);
    let player = |me: usize| {
        let (mut inserts, mut timed, mut spent, mut next) = (0, 0, 0, me);
        while inserts < INSERTS / 2 && next < TURNS {
            let mut spins = 0_u32;
            // Acquire: pairs with the Release below; the other's inserts come before ours.
            while turn.load(Ordering::Acquire) < next {
                spins += 1;
                if spins.is_multiple_of(1 << 10) {
                    thread::yield_now()
                } else {
                    std::hint::spin_loop()
                }
                if turn.load(Ordering::Relaxed) == usize::MAX {
                    return (timed, spent);
                }
            }
            let length = streak(next);
            let preempted = noise::times_preempted();
            let began = Instant::now();
            for (value, key) in (0..length as u64).zip(keys.iter().cycle()) {
                map.insert(*key, value);
            }
            let took = began.elapsed().as_nanos();
            if noise::times_preempted() == preempted {
                (timed, spent) = (timed + length, spent + took);
            }
            inserts += length;
            next += 2;
            // Release: pairs with the Acquire above.
            turn.store(next - 1, Ordering::Release);
        }
        turn.store(usize::MAX, Ordering::Release);
        (timed, spent)
    };
    let (one, other) = thread::scope(|scope| {
        let other = scope.spawn(|| player(1));
        (player(0), other.join().unwrap_or_default())
    });
    (one.1 + other.1) as f64 / (one.0 + other.0).max(1) as f64
}

/// In the parent: lets both kinds of child take turns.
pub(crate) fn run(quick: bool) -> Vec<Worst> {
    eprintln!("peers: owners that change as the gate has settled");
    let names = STREAKS.iter().map(usize::to_string).chain(["as the policy settles".into()]);
    let mut samples = [vec![Vec::new(); STREAKS.len() + 1], vec![Vec::new(); STREAKS.len() + 1]];
    for _ in 0..if quick { 3 } else { 15 } {
        for (side, switch) in ["off", ""].into_iter().enumerate() {
            for line in child(switch).lines() {
                for (streak, time) in line.split(' ').enumerate() {
                    if let (Some(times), Ok(time)) = (samples[side].get_mut(streak), time.parse::<f64>()) {
                        times.push(time);
                    }
                }
            }
        }
    }
    let [counted, regimes] = samples;
    let worst = |((streak, counted), regimes): ((String, Vec<f64>), Vec<f64>)| Worst {
        streak,
        counted: Spread::of(&counted, counted.len()),
        regimes: Spread::of(&regimes, regimes.len()),
    };
    let all: Vec<Worst> = names.zip(counted).zip(regimes).map(worst).collect();
    println!("\nalternating owners, insert, u64, foldhash, 1024 entries   [ns per insert, hand-over left out]");
    println!("  {:<24} {:>9} {:>9} {:>9}", "streak", "counted", "regimes", "ratio");
    for worst in &all {
        let Worst { streak, counted, regimes } = worst;
        println!("  {streak:<24} {:>9.2} {:>9.2} {:>9.2}", counted.median, regimes.median, worst.ratio());
    }
    all
}

fn child(membarrier: &str) -> String {
    let Ok(program) = std::env::current_exe() else { return String::new() };
    let output = Command::new(program).args(["--alternate", "3"]).env("CHECKEDMAP_MEMBARRIER", membarrier).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}
