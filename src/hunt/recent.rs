//! Who was at each map a moment ago.
//!
//! A map's history holds its last few accesses that differ in thread or spot, each with the time it was last made. Histories
//! are found by the number of the map's gate, which no later map gets. There are as many as a fixed table holds; the one
//! not used for longest makes room.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

use super::history::{History, Met, Seen};

const SHARDS: usize = 16;

/// Maps per shard: all shards together take under three megabytes.
const MAPS: usize = 256;

/// How long to try for a lock that another thread holds for a microsecond. After a `fork` its holder may not exist.
const LOCK_PATIENCE: Duration = Duration::from_millis(20);

/// Every map's history.
#[derive(Debug)]
pub(super) struct Recent {
    shards: [Mutex<HashMap<u64, History>>; SHARDS],
}

impl Recent {
    pub(super) fn new() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }

    /// Remembers an access; what it has met on the way.
    pub(super) fn visit(&self, map: u64, visitor: Seen, window: u64) -> Met {
        let shard = &self.shards[map as usize % SHARDS];
        let Some(mut shard) = shard.try_lock_for(LOCK_PATIENCE) else { return Met::default() };
        if shard.len() >= MAPS && !shard.contains_key(&map) {
            let idle = shard.iter().min_by_key(|(_, history)| history.latest());
            if let Some(idle) = idle.map(|(map, _)| *map) {
                shard.remove(&idle);
            }
        }
        shard.entry(map).or_default().visit(visitor, window)
    }

    /// Remembers that an access lasted until `at`, since it was delayed.
    pub(super) fn linger(&self, map: u64, visitor: Seen, at: u64) {
        if let Some(mut shard) = self.shards[map as usize % SHARDS].try_lock_for(LOCK_PATIENCE)
            && let Some(history) = shard.get_mut(&map)
            && let Some(seen) = history.find(&visitor)
        {
            seen.at = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Access, Operation};
    use crate::hunt::history::DEPTH;

    const WINDOW: u64 = 100;

    fn seen(thread: u64, operation: Operation, at: u64) -> Seen {
        Seen { thread, access: Access::here(operation), spot: operation as u64, at }
    }

    fn visit(recent: &Recent, thread: u64, operation: Operation, at: u64) -> (Vec<(u64, u64)>, Option<u64>) {
        let met = recent.visit(1, seen(thread, operation, at), WINDOW);
        let near = met.near.iter().map(|seen| (seen.thread, seen.at)).collect();
        (near, met.handed_over.map(|seen| seen.thread))
    }

    #[test]
    fn a_near_miss_is_by_another_thread_within_the_window_with_a_write() {
        let recent = Recent::new();
        assert_eq!(visit(&recent, 1, Operation::Get, 10), (vec![], None));
        assert_eq!(visit(&recent, 1, Operation::Insert, 20), (vec![], None), "a thread does not miss itself");
        assert_eq!(visit(&recent, 2, Operation::Get, 30), (vec![(1, 20)], Some(1)), "two reads are no near miss");
        assert_eq!(visit(&recent, 2, Operation::Insert, 40), (vec![(1, 20), (1, 10)], None), "but not handed over");
        assert_eq!(visit(&recent, 1, Operation::Get, 141), (vec![], Some(2)), "handed over long after");
        assert_eq!(recent.visit(2, seen(2, Operation::Insert, 142), WINDOW), Met::default(), "another map");
    }

    #[test]
    fn a_place_is_remembered_once_per_thread_with_its_latest_time() {
        let recent = Recent::new();
        for at in 0..50 {
            visit(&recent, 1, Operation::Insert, at);
        }
        assert_eq!(visit(&recent, 2, Operation::Len, 60), (vec![(1, 49)], Some(1)));
        recent.linger(1, seen(1, Operation::Insert, 0), 65);
        assert_eq!(visit(&recent, 2, Operation::Len, 70), (vec![(1, 65)], None));
    }

    #[test]
    fn histories_are_short_and_few() {
        let recent = Recent::new();
        for thread in 0..100 {
            let (near, _) = visit(&recent, thread, Operation::Insert, 10);
            assert_eq!(near.len(), usize::min(DEPTH, thread as usize));
        }
        for map in 0..(SHARDS * MAPS * 2) as u64 {
            recent.visit(map, seen(1, Operation::Insert, map), WINDOW);
        }
        let kept: usize = recent.shards.iter().map(|shard| shard.lock().len()).sum();
        assert_eq!(kept, SHARDS * MAPS);
        let latest = (SHARDS * MAPS * 2) as u64 - 1;
        let met = recent.visit(latest, seen(2, Operation::Insert, latest), WINDOW);
        assert_eq!(met.near.len(), 1, "the latest are kept");
    }
}
