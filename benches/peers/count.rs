//! One kind of access so many times, for an instruction counter: the difference of two runs is the accesses' own.

use std::hint::black_box;

use crate::keys::keys;
use crate::matrix::SMALL;
use crate::subjects::Subject;
use crate::subjects::checked::{Closures, Degraded, Guards};
use crate::subjects::locks::{InAtomicRefCell, InMutex, InRwLock, InStdMutex, InStdRwLock};
use crate::subjects::peers::{Dash, Papaya, Scc};
use crate::subjects::plain::{CheckedStd, InRefCell, Plain};

type Hasher = foldhash::fast::RandomState;

pub(crate) const SUBJECTS: &str = "HashMap, RefCell, hash_map::HashMap, CheckedMap::with, CheckedMap, CheckedMap-degraded, AtomicRefCell, \
    std-Mutex, std-RwLock, parking_lot-Mutex, parking_lot-RwLock, dashmap, papaya, scc";
pub(crate) const OPERATIONS: &str = "get, insert, entry, remove+insert";

/// Makes the accesses, or says what could have been asked for.
pub(crate) fn count(subject: &str, operation: &str, times: u64) -> Result<(), String> {
    match subject {
        "HashMap" => run::<Plain<u64, Hasher>>(operation, times),
        "RefCell" => run::<InRefCell<u64, Hasher>>(operation, times),
        "hash_map::HashMap" => run::<CheckedStd<u64, Hasher>>(operation, times),
        "CheckedMap::with" => run::<Closures<u64, Hasher>>(operation, times),
        "CheckedMap" => run::<Guards<u64, Hasher>>(operation, times),
        "CheckedMap-degraded" => run::<Degraded<u64, Hasher>>(operation, times),
        "AtomicRefCell" => run::<InAtomicRefCell<u64, Hasher>>(operation, times),
        "std-Mutex" => run::<InStdMutex<u64, Hasher>>(operation, times),
        "std-RwLock" => run::<InStdRwLock<u64, Hasher>>(operation, times),
        "parking_lot-Mutex" => run::<InMutex<u64, Hasher>>(operation, times),
        "parking_lot-RwLock" => run::<InRwLock<u64, Hasher>>(operation, times),
        "dashmap" => run::<Dash<u64, Hasher>>(operation, times),
        "papaya" => run::<Papaya<u64, Hasher>>(operation, times),
        "scc" => run::<Scc<u64, Hasher>>(operation, times),
        other => Err(format!("--count: no subject {other:?}; allowed are {SUBJECTS}")),
    }
}

fn run<M: Subject<u64, Hasher>>(operation: &str, times: u64) -> Result<(), String> {
    let keys = keys::<u64>(SMALL);
    let map = M::with_room(SMALL, Hasher::default());
    for (key, value) in keys.iter().zip(0..) {
        map.insert(*key, value);
    }
    let all = (0..times).zip(keys.iter().cycle());
    match operation {
        "get" => all.for_each(|(_, key)| {
            black_box(map.get(key));
        }),
        "insert" => all.for_each(|(turn, key)| map.insert(*key, turn)),
        "entry" => all.for_each(|(_, key)| map.update(*key)),
        "remove+insert" => all.for_each(|(turn, key)| {
            black_box(map.remove(key));
            map.insert(*key, turn);
        }),
        other => return Err(format!("--count: no operation {other:?}; allowed are {OPERATIONS}")),
    }
    Ok(())
}
