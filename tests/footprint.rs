//! What a map and a thread cost in memory, as `docs::internals` states it, and that threads which are gone cost nothing.
//!
//! One test alone in its process: it counts what the whole process has allocated.

mod bytes_in_use;

use checkedmap::CheckedMap;

use bytes_in_use::in_use;

/// Bytes, as the documentation says.
const OF_A_MAP: usize = 208;
const OF_A_HASH_MAP: usize = 312;
const OF_A_THREAD: usize = 512;
/// What std and the allocator's users may keep of a thread that is gone.
const STD: usize = 128;

/// One wave of threads that are alive, and have used the map, at the same time.
fn wave(map: &CheckedMap<u64, u64>, threads: usize) {
    let all = std::sync::Barrier::new(threads);
    std::thread::scope(|scope| {
        let use_it = || {
            assert!(map.get(&1).is_some());
            all.wait();
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(use_it)).collect();
        // The scope itself does not wait for thread-local destructors, which give the ledgers up.
        running.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn as_stated() {
    type Plain = std::collections::HashMap<u64, u64>;
    // The settings, this thread's ledger, std's keys for its hasher.
    let warmed_up = checkedmap::hash_map::HashMap::<u64, u64>::from_iter([(1, 1)]);
    assert_eq!(warmed_up.len(), 1);
    assert_eq!(size_of::<CheckedMap<u64, u64>>() - size_of::<Plain>(), OF_A_MAP, "a CheckedMap");
    let before = in_use();
    let map = checkedmap::hash_map::HashMap::<u64, u64>::from_iter([(1, 1)]);
    let checked = in_use() - before + size_of_val(&map);
    let before = in_use();
    let map = Plain::from_iter([(1, 1)]);
    let plain = in_use() - before + size_of_val(&map);
    assert_eq!(checked - plain, OF_A_HASH_MAP, "a hash_map::HashMap that is not empty");

    let map = CheckedMap::new();
    map.insert(1, 1);
    wave(&map, 8);
    let with_8 = in_use();
    wave(&map, 16);
    let with_16 = in_use();
    let each = (with_16 - with_8) / 8;
    assert!((OF_A_THREAD..OF_A_THREAD + STD).contains(&each), "a thread beside others: {each}");

    for _ in 0..10_000 / 8 {
        wave(&map, 8);
    }
    let left = in_use().saturating_sub(with_16);
    assert!(left < OF_A_THREAD * 16, "ten thousand threads later: {left}");
}
