//! What a conflict costs the two threads in `log` mode, beyond the time they overlap.
//!
//! The holder has a write open, thirty calls deep; the contender, as deep, makes one and waits. The holder's stall is how long
//! it takes to leave. The contender's is the time from the later of its own call and the holder's leave to its return.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use checkedmap::{CheckedMap, Mode};

use crate::noise;
use crate::stats::Spread;

const DEPTH: u32 = 24;

/// How long the holder stays inside after the contender has come.
pub(crate) const STAYS: [(&str, Duration); 2] =
    [("holder stays 2 us", Duration::from_micros(2)), ("holder stays 300 us", Duration::from_micros(300))];

pub(crate) struct Stall {
    pub(crate) stay: &'static str,
    /// Nanoseconds.
    pub(crate) holder: Spread,
    pub(crate) contender: Spread,
}

pub(crate) fn run(quick: bool) -> Vec<Stall> {
    eprintln!("peers: conflicts in log mode");
    println!("\nconflict in log mode, stacks of about 30 frames   [us of stall beyond the overlap]");
    println!("  {:<24} {:<10} {:>9} {:>9} {:>9}", "", "", "median", "p10", "p90");
    STAYS
        .iter()
        .map(|(stay, time)| {
            let stall = stalls(stay, *time, if quick { 40 } else { 200 });
            for (side, spread) in [("holder", stall.holder), ("contender", stall.contender)] {
                let [median, p10, p90] = [spread.median, spread.p10, spread.p90].map(|time| time / 1000.0);
                println!("  {stay:<24} {side:<10} {median:>9.2} {p10:>9.2} {p90:>9.2}");
            }
            stall
        })
        .collect()
}

fn stalls(stay: &'static str, time: Duration, wanted: usize) -> Stall {
    let (mut holder, mut contender) = (Vec::new(), Vec::new());
    for _ in 0..wanted * 4 {
        if let Some((ours, theirs)) = overlap(time) {
            holder.push(ours);
            contender.push(theirs);
        }
        if holder.len() == wanted {
            break;
        }
    }
    let calm = holder.len();
    Stall { stay, holder: Spread::of(&holder, calm), contender: Spread::of(&contender, calm) }
}

/// One conflict on a fresh map, whose report has no twin to be merged with. Nothing where the two did not overlap, or one lost
/// its processor.
fn overlap(time: Duration) -> Option<(f64, f64)> {
    // The reporter must not take a processor from the two.
    let _ = checkedmap::flush(Duration::from_secs(5));
    let map = CheckedMap::<u64, u64>::new();
    map.set_mode(Mode::Log);
    map.insert(1, 1);
    let before = checkedmap::books().detected;
    let (inside, coming) = (AtomicBool::new(false), AtomicBool::new(false));
    let start = Instant::now();
    let left = AtomicU64::new(0);
    let ((stall, calm), (called, returned, also_calm)) = thread::scope(|scope| {
        let contender = scope.spawn(|| {
            deep(DEPTH, &mut || {
                while !inside.load(Ordering::Acquire) {
                    std::hint::spin_loop();
                }
                let preempted = noise::times_preempted();
                coming.store(true, Ordering::Release);
                let called = start.elapsed();
                map.insert(1, 3);
                (called, start.elapsed(), noise::times_preempted() == preempted)
            })
        });
        let holder = deep(DEPTH, &mut || {
            let mut value = map.get_mut(&1).expect("the key is there");
            inside.store(true, Ordering::Release);
            while !coming.load(Ordering::Acquire) {
                std::hint::spin_loop();
            }
            let preempted = noise::times_preempted();
            let until = Instant::now() + time;
            while Instant::now() < until {
                std::hint::spin_loop();
            }
            *value = 2;
            let leaving = start.elapsed();
            left.store(leaving.as_nanos() as u64, Ordering::Release);
            drop(value);
            ((start.elapsed() - leaving).as_nanos() as f64, noise::times_preempted() == preempted)
        });
        (holder, contender.join().expect("the contender waits its turn"))
    });
    let free = Duration::from_nanos(left.load(Ordering::Acquire));
    let overlapped = checkedmap::books().detected > before && called < free;
    (overlapped && calm && also_calm).then(|| (stall, returned.saturating_sub(free.max(called)).as_nanos() as f64))
}

/// Calls itself until it is deep enough.
#[inline(never)]
fn deep<R>(depth: u32, act: &mut dyn FnMut() -> R) -> R {
    if depth == 0 {
        return act();
    }
    let result = deep(depth - 1, act);
    // Something to do after the call, or it would be none.
    black_box(depth);
    result
}
