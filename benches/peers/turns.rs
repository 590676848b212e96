//! Maps that threads hand to each other in good order: under an external lock, and read by many between rare writes.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::keys::keys;
use crate::matrix::SMALL;
use crate::options::Options;
use crate::race::{Entrant, Pace, race};
use crate::subjects::checked::{Closures, Guards};
use crate::subjects::locks::{InAtomicRefCell, InRwLock, InStdRwLock};
use crate::subjects::peers::{Dash, Papaya, Scc};
use crate::subjects::plain::{CheckedStd, Plain};
use crate::subjects::{Role, Subject};
use crate::table::{About, Line, Table};

type Hasher = foldhash::fast::RandomState;

pub(crate) const HANDED_OVER: &str = "under std Mutex, get+insert";
pub(crate) const READ_MOSTLY: &str = "read, one write in 16384 between reads";

/// A full map of the smallest size.
fn full<M: Subject<u64, Hasher>>(keys: &[u64]) -> M {
    let map = M::with_room(keys.len(), Hasher::default());
    for (key, value) in keys.iter().zip(0..) {
        map.insert(*key, value);
    }
    map
}

/// One lock, taken for one lookup and one insert at a time; whose turn it is, is the lock's affair.
struct HandedOver<M> {
    map: std::sync::Mutex<M>,
    keys: Arc<Vec<u64>>,
}

impl<M: Subject<u64, Hasher>> Entrant for HandedOver<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn run(&self, thread: usize, operations: u64) {
        let from = thread * self.keys.len() / 2;
        for (turn, key) in (0..operations).zip(self.keys.iter().cycle().skip(from)) {
            let map = self.map.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            black_box(map.get(key));
            map.insert(*key, turn);
        }
    }
}

/// Reads by all threads; every so often all stop, and one of them writes.
struct ReadMostly<M> {
    map: M,
    keys: Arc<Vec<u64>>,
    /// How often a thread has arrived at a stop. Only ever grows; a stop is over once a multiple of the threads is reached.
    arrived: AtomicUsize,
    threads: usize,
}

/// How many reads a thread makes between two stops.
const READS: u64 = 1 << 14;

impl<M> ReadMostly<M> {
    fn meet(&self) {
        // AcqRel: what each thread did comes before what any does next.
        let place = self.arrived.fetch_add(1, Ordering::AcqRel);
        let all = (place / self.threads + 1) * self.threads;
        let mut spins = 0_u32;
        // Acquire: as above.
        while self.arrived.load(Ordering::Acquire) < all {
            spins += 1;
            if spins.is_multiple_of(1 << 12) { thread::yield_now() } else { std::hint::spin_loop() }
        }
    }
}

impl<M: Subject<u64, Hasher>> Entrant for ReadMostly<M> {
    fn name(&self) -> &'static str {
        M::NAME
    }

    fn run(&self, thread: usize, operations: u64) {
        let mut sum = 0;
        for stop in 0..operations.div_ceil(READS) {
            let from = thread * self.keys.len() / 2;
            for (_, key) in (0..READS).zip(self.keys.iter().cycle().skip(from)) {
                sum ^= self.map.get(key).unwrap_or(0);
            }
            self.meet();
            if thread == 0 {
                self.map.insert(self.keys[stop as usize % self.keys.len()], stop);
            }
            self.meet();
        }
        black_box(sum);
    }

    fn whole(&self) -> u64 {
        READS
    }

    fn must_be_whole(&self) -> bool {
        true
    }
}

fn handed_over<M: Subject<u64, Hasher>>(keys: &Arc<Vec<u64>>) -> (Role, Box<dyn Entrant>) {
    (M::ROLE, Box::new(HandedOver { map: std::sync::Mutex::new(full::<M>(keys)), keys: Arc::clone(keys) }))
}

fn read_mostly<M: Subject<u64, Hasher>>(keys: &Arc<Vec<u64>>, threads: usize) -> (Role, Box<dyn Entrant>) {
    let map = full::<M>(keys);
    (M::ROLE, Box::new(ReadMostly { map, keys: Arc::clone(keys), arrived: AtomicUsize::new(0), threads }))
}

pub(crate) fn run(options: &Options) -> Vec<Table> {
    let keys = Arc::new(keys::<u64>(SMALL));
    let about = |operation, threads| About { operation, key: "u64", hasher: "foldhash", entries: SMALL, threads };
    let pace = if options.quick { Pace::quick(true) } else { Pace::full(true) };
    let mut tables = Vec::new();
    for threads in [1, 2] {
        let about = about(HANDED_OVER, threads);
        if options.wants(&about.title()) {
            let entrants = vec![
                handed_over::<Plain<_, _>>(&keys),
                handed_over::<CheckedStd<_, _>>(&keys),
                handed_over::<Closures<_, _>>(&keys),
                handed_over::<Guards<_, _>>(&keys),
            ];
            tables.push(play(about, "ns per lookup and insert", &entrants, pace));
        }
    }
    let about = about(READ_MOSTLY, 2);
    if options.wants(&about.title()) {
        let entrants = vec![
            read_mostly::<Plain<_, _>>(&keys, 2),
            read_mostly::<CheckedStd<_, _>>(&keys, 2),
            read_mostly::<Closures<_, _>>(&keys, 2),
            read_mostly::<Guards<_, _>>(&keys, 2),
            read_mostly::<InAtomicRefCell<_, _>>(&keys, 2),
            read_mostly::<InStdRwLock<_, _>>(&keys, 2),
            read_mostly::<InRwLock<_, _>>(&keys, 2),
            read_mostly::<Dash<_, _>>(&keys, 2),
            read_mostly::<Papaya<_, _>>(&keys, 2),
            read_mostly::<Scc<_, _>>(&keys, 2),
        ];
        tables.push(play(about, "ns per operation", &entrants, pace));
    }
    tables
}

fn play(about: About, unit: &'static str, entrants: &[(Role, Box<dyn Entrant>)], pace: Pace) -> Table {
    eprintln!("peers: {}", about.title());
    let spreads = race(&entrants.iter().map(|(_, entrant)| &**entrant).collect::<Vec<_>>(), about.threads, pace);
    let line = |((role, entrant), spread): (&(Role, Box<dyn Entrant>), _)| Line {
        subject: entrant.name(),
        role: *role,
        spread,
    };
    let table = Table { about, unit, lines: entrants.iter().zip(spreads).map(line).collect() };
    table.print();
    table
}
